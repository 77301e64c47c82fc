import { DomainError } from '../../domain/errors.ts';
import { flawOfText } from '../../domain/text.ts';
import type { IncomingMessage } from '../../mixins/http/http-server.ts';
import { type JsonBody, readJsonBody } from '../../mixins/http/json-body.ts';
import { invalidParameters } from '../dataset/row-filter.ts';
import type { Rest } from './rest.ts';

type Texts = Readonly<Record<string, string>>;

const IDEMPOTENCY_KEY = /^[\x21-\x7e][\x20-\x7e]{0,254}$/;

export interface ReadRequest {
  /** For the action: body, query and path in one. */
  readonly params: Record<string, unknown>;
  readonly idempotency?: { readonly key: string; readonly request: string };
}

/** @throws DomainError `malformed-request`, `invalid-parameters`, `unsupported-media-type`, `body-too-large` */
export async function readRequest(
  request: IncomingMessage,
  rest: Rest,
  { path, query }: { readonly path: Texts; readonly query: Texts },
): Promise<ReadRequest> {
  const body = await bodyFor(request, rest);
  refuseFlaws({ ...query, ...path });
  if (rest.body !== undefined) refuseOtherQuery(query, rest.query ?? []);
  refuseContradiction({ ...body, ...query }, path);
  const params = { ...body, ...query, ...path };
  const key = rest.idempotent === true ? request.headers['idempotency-key'] : undefined;
  return key === undefined ? { params } : { params, idempotency: idempotencyOf(request, String(key), body) };
}

async function bodyFor(request: IncomingMessage, rest: Rest): Promise<JsonBody> {
  const body = await readJsonBody(request);
  if (body === null && rest.body === 'required') {
    throw new DomainError('malformed-request', 'A body is needed: a JSON object');
  }
  if (body !== null && rest.body === undefined)
    throw new DomainError('malformed-request', 'No body is expected here');
  return body ?? {};
}

/** What no database can hold none may be asked for: each would have its own answer. */
function refuseFlaws(texts: Texts): void {
  const problems = Object.entries(texts).flatMap(([field, text]) => {
    const reason = flawOfText(text);
    return reason === null ? [] : [{ field, reason }];
  });
  if (problems.length > 0) throw invalidParameters(problems);
}

/** A query that nobody reads may be a field that was meant to be in the body. */
function refuseOtherQuery(query: Texts, known: readonly string[]): void {
  const strange = Object.keys(query).filter((name) => !known.includes(name));
  if (strange.length > 0) {
    throw invalidParameters(
      strange.map((field) => ({ field, reason: 'is not known here; give it in the body' })),
    );
  }
}

/** `PATCH /api/sales/7` with `{"id": "8"}`: which one was meant is not for us to guess. */
function refuseContradiction(given: JsonBody, path: Texts): void {
  const wrong = Object.keys(path).filter((name) => Object.hasOwn(given, name) && given[name] !== path[name]);
  if (wrong.length > 0) {
    throw invalidParameters(
      wrong.map((field) => ({ field, reason: `is not the "${path[field]}" of the path` })),
    );
  }
}

function idempotencyOf({ method, url }: IncomingMessage, key: string, body: JsonBody) {
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw new DomainError('malformed-request', 'Idempotency-Key must be 1 to 255 printable ASCII characters');
  }
  return { key, request: `${method ?? ''} ${url ?? ''}\n${textOf(body)}` };
}

/** The same for bodies that say the same, however their keys are ordered. */
function textOf(body: JsonBody): string {
  try {
    return JSON.stringify(body, inKeyOrder);
  } catch {
    throw new DomainError('malformed-request', 'The body is nested too deeply');
  }
}

function inKeyOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
