import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Exchange {
  readonly method: string;
  /** JSON. */
  readonly body?: string;
  /** Idempotency-Key. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/**
 * Asks, and waits for as long as the answer takes: `fetch` gives up after five minutes, and a sync over a slow line
 * may take an hour. Rejects with what the system says; an `AbortError` where `signal` ended it.
 */
export function exchange(
  url: string,
  { method, body, key, signal }: Exchange,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? overHttps : overHttp;
    const request = send(url, { method, ...(signal === undefined ? {} : { signal }) }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    request.once('error', reject);
    if (key !== undefined) request.setHeader('idempotency-key', key);
    if (body !== undefined) {
      request.setHeader('content-type', 'application/json');
      request.setHeader('content-length', Buffer.byteLength(body));
    }
    request.end(body);
  });
}
