import { setTimeout as after } from 'node:timers/promises';
import { DomainError } from '../domain/errors.ts';
import { type Exchange, exchange } from './http-exchange.ts';

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

  put<T>(path: string, body: object): Promise<T> {
    return this.#request<T>('PUT', path, { body });
  }

  delete<T>(path: string): Promise<T> {
    return this.#request<T>('DELETE', path);
  }

  /** Under an Idempotency-Key: done once, and asked again when the answer is lost. */
  write<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: object, key: string): Promise<T> {
    return this.#request<T>(method, path, { body, key });
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

  async #exchange(method: string, path: string, { body, key, signal }: Asked): Promise<Answer> {
    const asked = {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(key === undefined ? {} : { key }),
      ...(signal === undefined ? {} : { signal }),
    };
    try {
      return await exchange(this.url + path, asked);
    } catch (error) {
      if (key === undefined || !isAnswerLost(error)) throw unreachable(this.url, error);
    }
    return this.#askAgain(path, asked, key);
  }

  /** The office may have done it, or may be starting again. */
  async #askAgain(path: string, asked: Exchange, key: string): Promise<Answer> {
    let lost: unknown;
    for (const pauseMs of ASK_AGAIN_MS) {
      await after(pauseMs);
      try {
        return await exchange(this.url + path, asked);
      } catch (error) {
        lost = error;
      }
    }
    const { message, data } = unreachable(this.url, lost);
    const unknown = `${message}. Whether it was done is not known: ask again with --key ${key}, and it is done once`;
    throw new DomainError('office-unreachable', unknown, { ...data, key });
  }
}

/** Longer and longer: about eight seconds. */
const ASK_AGAIN_MS: readonly number[] = [100, 200, 500, 1_000, 2_000, 4_000];
type Answer = Awaited<ReturnType<typeof exchange>>;

/** The request may have been heard. */
function isAnswerLost(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

interface Asked {
  readonly body?: object;
  readonly key?: string;
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
