import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Big } from 'big.js';
import { DomainError } from '../../domain/errors.ts';

export type JsonBody = Readonly<Record<string, unknown>>;

/** A little more than the largest event: what is too large for the log is refused by the log, in its words. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Of a body that is refused, so much is read and thrown away, since a client hears nothing before it has sent. */
const MAX_DRAINED_BYTES = 32 * 1024 * 1024;
/** No number that any field takes is longer. */
const MAX_NUMBER_TEXT = 64;
const MAX_SHOWN_DIGITS = 40;
const JSON_TYPES = new Set(['application/json', 'application/merge-patch+json']);

/**
 * Reads a body that must be one JSON object; null when there is none.
 * @throws DomainError `unsupported-media-type`, `body-too-large`, `malformed-request`, `invalid-input` for a number
 *   that JSON does not keep exactly
 */
export async function readJsonBody(request: IncomingMessage): Promise<JsonBody | null> {
  if (!hasBody(request)) return null;
  assertReadable(request);
  return parse(await readAll(request));
}

function hasBody({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  return headers['content-length'] !== undefined && headers['content-length'] !== '0';
}

function assertReadable({ headers }: IncomingMessage): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  if (!JSON_TYPES.has(type.trim()))
    throw unsupported('Content-Type', 'application/json', headers['content-type']);
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    throw unsupported('charset', 'utf-8', charset);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw unsupported('Content-Encoding', 'identity', encoding);
}

function unsupported(what: string, expected: string, actual: string | undefined): DomainError {
  const message = `${what} must be ${expected}, not ${actual === undefined ? 'missing' : `"${actual}"`}`;
  return new DomainError('unsupported-media-type', message, { expected, actual: actual ?? null });
}

function readAll(request: IncomingMessage): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > MAX_DRAINED_BYTES) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
      else chunks.length = 0;
      if (bytes > MAX_DRAINED_BYTES) reject(tooLarge());
    });
    request.on('end', () => (bytes > MAX_BODY_BYTES ? reject(tooLarge()) : resolve(joined(chunks))));
    request.on('error', () => reject(malformed('ended before it was complete')));
    request.on('aborted', () => reject(malformed('ended before it was complete')));
  });
}

/** Nearly every body arrives in one piece. */
function joined(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function tooLarge(): DomainError {
  return new DomainError('body-too-large', `The body has more than ${MAX_BODY_BYTES} bytes`, {
    expected: MAX_BODY_BYTES,
  });
}

function parse(bytes: Buffer): JsonBody {
  if (!isUtf8(bytes)) throw malformed('is not UTF-8');
  const value = parsed(bytes.toString());
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonBody;
  throw malformed('must be a JSON object');
}

function parsed(text: string): unknown {
  try {
    return MAY_BE_INEXACT.test(text) ? parsedExactly(text) : JSON.parse(text);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw malformed(`is not JSON: ${(error as Error).message}`);
  }
}

/** Every number of up to 15 digits without an exponent is the only one of its text. */
const MAY_BE_INEXACT = /\d[\d.]{15}|\d[eE]/;

/**
 * `1.00000000000000001` is 1 to JSON.parse, and nobody would ever know: it is refused, as is all that a JSON number
 * cannot keep.
 */
function parsedExactly(text: string): unknown {
  const problems: { field: string; reason: string; actual: string }[] = [];
  const note = (field: string, value: unknown, { source }: { source: string }) => {
    if (typeof value === 'number' && !isExact(source, value)) {
      const reason = 'is a number that JSON does not keep exactly; send it as text';
      problems.push({ field, reason, actual: source.slice(0, MAX_SHOWN_DIGITS) });
    }
    return value;
  };
  const value: unknown = JSON.parse(text, note as Parameters<typeof JSON.parse>[1]);
  if (problems.length === 0) return value;
  const sentences = problems.map(({ field, reason }) => `${field} ${reason}`);
  throw new DomainError('invalid-input', sentences.join('; '), { problems });
}

function isExact(source: string, value: number): boolean {
  if (!Number.isFinite(value) || source.length > MAX_NUMBER_TEXT) return false;
  return new Big(source).eq(new Big(String(value)));
}

function malformed(reason: string): DomainError {
  return new DomainError('malformed-request', `The body ${reason}`, { reason });
}
