import { DomainError } from '../domain/errors.ts';
import { exchange } from './http-exchange.ts';

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

  get<T>(path: string, query: Params = {}, signal?: AbortSignal): Promise<T> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(
      given.map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const asked = signal === undefined ? {} : { signal };
    return this.#request<T>('GET', text === '' ? path : `${path}?${text}`, asked);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.#request<T>('POST', path, { body });
  }

  patch<T>(path: string, body: object): Promise<T> {
    return this.#request<T>('PATCH', path, { body });
  }

  put<T>(path: string, body: object): Promise<T> {
    return this.#request<T>('PUT', path, { body });
  }

  delete<T>(path: string, body?: object): Promise<T> {
    return this.#request<T>('DELETE', path, body === undefined ? {} : { body });
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

  async #request<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
    const { status, body } = await this.#exchange(method, path, asked);
    const answer = parsed(body);
    if (status >= 200 && status < 300) return answer as T;
    throw problemError(answer as Problem | null, status, `${method} ${this.url}${path}`);
  }

  async #exchange(method: string, path: string, { body, signal }: Asked) {
    try {
      return await exchange(this.url + path, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      throw unreachable(this.url, error);
    }
  }
}

interface Asked {
  readonly body?: object;
  readonly signal?: AbortSignal;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
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
  const { message, code } = error as NodeJS.ErrnoException;
  const reason = message || code; // of a name with several addresses there is no message
  return new DomainError('office-unreachable', `The office at ${url} cannot be reached: ${reason}`, { url });
}
