import { dotName, type OfficeId } from '../../domain/event.ts';
import type { QuarantineReport } from '../../domain/sync/messages.ts';

/** Events of this office that the head keeps and will not apply by itself: how many, and the first of them. */
export interface QuarantineStatus {
  readonly count: number;
  readonly items: readonly QuarantinedEvent[];
}

export interface QuarantinedEvent {
  /** Its name, as `branchline quarantine show` takes it at the head: `west@1:7`. */
  readonly event: string;
  readonly type: string;
  readonly dataset: string;
  readonly entityId: string;
  /** Stable: `not-allowed`, `unknown-type`, `invalid-data`, ... */
  readonly reason: string;
  readonly detail: string;
}

export function quarantineStatus(office: OfficeId, { count, items }: QuarantineReport): QuarantineStatus {
  const shown = items.map(({ epoch, seq, ...about }) => ({
    event: dotName({ office, epoch, seq }),
    ...about,
  }));
  return { count, items: shown };
}

/** For the log of the office, whenever it changes. */
export function quarantineText(office: OfficeId, report: QuarantineReport): string {
  const { count, items } = quarantineStatus(office, report);
  if (count === 0) return 'The head holds nothing of this office in quarantine any more.';
  const listed = items.map(
    ({ event, type, entityId, reason, detail }) => `${event} (${type} of ${entityId}): ${reason}, ${detail}`,
  );
  const more = count > items.length ? `; and ${count - items.length} more` : '';
  const what =
    count === 1
      ? 'an event of this office and does not apply it'
      : `${count} events of this office and does not apply them`;
  return `The head keeps ${what}. ${listed.join('; ')}${more}. At the head: branchline quarantine show ${items[0]?.event ?? ''}`;
}
