import { DomainError } from '../domain/errors.ts';

type Params = Readonly<Record<string, string | number | boolean | undefined>>;

interface Problem {
  readonly type: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
}

/** Talks to an office over its REST interface. Problems come out as DomainErrors of the same type. */
export class OfficeClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url.replace(/\/+$/, '');
  }

  get<T>(path: string, query: Params = {}): Promise<T> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(
      given.map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    return this.#request<T>('GET', text === '' ? path : `${path}?${text}`);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.#request<T>('POST', path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.#request<T>('DELETE', path);
  }

  /** Every item of a list, page by page. */
  async *all<T>(path: string, query: Params = {}): AsyncGenerator<T> {
    let after: string | number | null | undefined = query['after'] as string | number | undefined;
    do {
      const page: { items: T[]; next: string | number | null } = await this.get(path, {
        ...query,
        ...(after === undefined ? {} : { after }),
      });
      yield* page.items;
      after = page.next;
    } while (after !== null);
  }

  async #request<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.#fetch(method, path, body);
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer as T;
    throw problemError(answer as Problem | null, response.status, `${method} ${this.url}${path}`);
  }

  async #fetch(method: string, path: string, body?: object): Promise<Response> {
    const json =
      body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    try {
      return await fetch(this.url + path, { method, ...json });
    } catch (error) {
      throw unreachable(this.url, error);
    }
  }
}

function problemError(problem: Problem | null, status: number, request: string): DomainError {
  if (typeof problem?.type !== 'string') {
    return new DomainError(
      'office-unreachable',
      `${request} was answered with ${status}, and not by an office`,
    );
  }
  const { type, title: _, status: __, detail = '', instance: ___, ...data } = problem;
  return new DomainError(type.slice(type.lastIndexOf(':') + 1), detail, data);
}

function unreachable(url: string, error: unknown): DomainError {
  const cause = (error as { cause?: { message?: string; code?: string } }).cause;
  const reason = cause?.message || cause?.code || (error as Error).message;
  return new DomainError('office-unreachable', `The office at ${url} cannot be reached: ${reason}`, { url });
}
