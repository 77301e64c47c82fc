import { dotName, type OfficeId } from '../../domain/event.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { HashedBytes, HeadTip } from '../../domain/sync/messages.ts';
import type { StoreReader } from '../store/store.ts';

function pageLimit(): { count: number; bytes: number } {
  return { count: LIMITS.returnEvents, bytes: LIMITS.messageBytes };
}

/**
 * The head's events held here that it wrote after one of them, in pages. By seq: in its life those have higher ones,
 * while the order in which they arrived here may be that of a later life, which brought some of them again. A later
 * life may have begun at a lower seq: then from there.
 */
export async function* headEventsAfter(
  read: StoreReader,
  head: OfficeId,
  tip: HeadTip | null,
): AsyncGenerator<HashedBytes[]> {
  let sent = new Set<string>();
  for (let after = tip === null ? 0 : await lowestSeqSince(read, head, tip); ;) {
    const rows = await read.eventsBySeq(head, after, pageLimit());
    const fresh = rows.filter(({ event }) => !sent.has(dotName(event)));
    if (fresh.length === 0) return;
    yield fresh.map(({ bytes, hash }) => ({ bytes, hash }));
    const { seq } = fresh.at(-1)!.event;
    sent = new Set(rows.filter(({ event }) => event.seq === seq).map(({ event }) => dotName(event)));
    after = seq - 1; // several lives may have it, and the page may have ended between them
  }
}

/** Behind which everything lies that arrived here after `tip`, and all that has a higher seq. */
async function lowestSeqSince(read: StoreReader, head: OfficeId, { epoch, seq }: HeadTip): Promise<number> {
  const [row] = await read.eventsByDots([{ office: head, epoch, seq }]);
  let lowest = seq;
  for (let after = row?.position; after !== undefined;) {
    const rows = await read.eventsByPosition(after, pageLimit(), { author: head });
    for (const { event } of rows) lowest = Math.min(lowest, event.seq - 1);
    after = rows.at(-1)?.position;
  }
  return lowest;
}
