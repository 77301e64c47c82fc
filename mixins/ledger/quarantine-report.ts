import type { OfficeId } from '../../domain/event.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import { NOTHING_QUARANTINED, type QuarantineReport } from '../../domain/sync/messages.ts';
import { shortened } from '../../domain/text.ts';
import type { LogRow, StoreReader } from '../store/store.ts';

/** What this head has quarantined of one office, short enough to go with every acknowledgement. */
export async function quarantineOf(
  reader: StoreReader,
  { waiting }: LogRow,
  office: OfficeId,
): Promise<QuarantineReport> {
  if (waiting === 0) return NOTHING_QUARANTINED;
  const only = { status: 'quarantined', office } as const;
  const rows = await reader.waiting(0, LIMITS.reportItems, only);
  if (rows.length === 0) return NOTHING_QUARANTINED;
  const count = rows.length < LIMITS.reportItems ? rows.length : await reader.countWaiting(only);
  const why = new Map(rows.map((row) => [row.position, row]));
  const events = await reader.eventsAt([...why.keys()]);
  const items = events.map(({ event, position }) => {
    const { epoch, seq, type, dataset, entityId } = event;
    const { reason, detail } = why.get(position)!;
    return { epoch, seq, type, dataset, entityId, reason, detail: shortened(detail, LIMITS.reportDetail) };
  });
  return { count, items };
}
