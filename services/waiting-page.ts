import type { StoreReader, WaitingFilter } from '../mixins/store/store.ts';
import { DEFAULT_PAGE, type Page, pageOf } from './call.ts';
import { viewEvent, type WaitingView } from './event-view.ts';

/** An event may have 2 MiB; a page of them must not. */
export const PAGE_BYTES = 4 * 1024 * 1024;

export interface WaitingQuery extends WaitingFilter {
  readonly after?: number;
  readonly limit?: number;
}

/**
 * Events that wait, with their reasons, in the order of their positions: up to `limit`, and fewer where they are large.
 * Without what is released or displaced between the reads.
 */
export async function waitingPage(
  read: StoreReader,
  { after = 0, limit = DEFAULT_PAGE, ...only }: WaitingQuery,
): Promise<Page<WaitingView, number>> {
  const found = await read.waiting(after, limit + 1, only);
  const { items: rows, next } = pageOf(found, limit, (row) => row.position);
  const items: WaitingView[] = [];
  let bytes = 0;
  for (const { position, reason, detail, sinceMs } of rows) {
    const event = await read.eventAt(position);
    if (event === null) continue;
    items.push({ ...viewEvent(event), reason, detail, since: new Date(sinceMs).toISOString() });
    bytes += event.bytes.length;
    const isLast = position === rows.at(-1)!.position;
    if (bytes >= PAGE_BYTES && !isLast) return { items, next: position };
  }
  return { items, next };
}
