import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { DomainError } from '../../domain/errors.ts';

export type JsonBody = Readonly<Record<string, unknown>>;

/** A little more than the largest event: what is too large for the log is refused by the log, in its words. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Of a body that is refused, so much is read and thrown away, since a client hears nothing before it has sent. */
const MAX_DRAINED_BYTES = 32 * 1024 * 1024;
const JSON_TYPES = new Set(['application/json', 'application/merge-patch+json']);

/**
 * Reads a body that must be one JSON object; null when there is none.
 * @throws DomainError `unsupported-media-type`, `body-too-large`, `malformed-request`
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
    return JSON.parse(text);
  } catch (error) {
    throw malformed(`is not JSON: ${(error as Error).message}`);
  }
}

function malformed(reason: string): DomainError {
  return new DomainError('malformed-request', `The body ${reason}`, { reason });
}
