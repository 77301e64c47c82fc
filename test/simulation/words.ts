import type { DownMessage, UpMessage } from '../../domain/sync/messages.ts';

/** A message in a few words. */
export function wordsOf(message: UpMessage | DownMessage): string {
  switch (message.kind) {
    case 'hello':
      return `hello session ${message.session} last ${message.last.epoch}:${message.last.seq} acked ${message.acked.seq} feed ${message.feed.feedEpoch}/${message.feed.position}`;
    case 'batch':
      return `batch ${message.firstSeq}..${message.firstSeq + message.events.length - 1}`;
    case 'probe':
      return `probe ${message.number} up to ${message.upTo}`;
    case 'pull':
      return `pull ${message.feedEpoch}/${message.after}`;
    case 'fetch':
      return `fetch after ${message.after}`;
    case 'fork':
    case 'stranded':
      return `${message.kind} common ${message.common.seq}${'events' in message ? ` events ${message.events.length}` : ''}`;
    case 'returned':
      return `returned ${message.events.length}${message.end ? ' end' : ''}`;
    case 'welcome':
      return `welcome session ${message.session} cursor ${message.cursor.epoch}:${message.cursor.seq} feed ${message.feed.feedEpoch}/${message.feed.position} end ${message.feedEnd}${message.returnAfter ? ` return after ${message.returnAfter.tip?.seq ?? 'nothing'}` : ''}`;
    case 'refused':
      return `refused ${message.reason}`;
    case 'ack':
      return `ack ${message.at.seq} ${message.verdict}${message.probed > 0 ? ` probe ${message.probed}` : ''}`;
    case 'own':
      return `own after ${message.afterSeq} events ${message.events.length} end ${message.end.seq}`;
    case 'grant':
      return `grant ${message.epoch}`;
    case 'adopt':
      return `adopt in ${message.epoch} common ${message.common.seq} events ${message.events.length}`;
    case 'pulled':
      return `pulled after ${message.after} events ${message.events.length} up to ${message.upTo.position}${message.end ? ' end' : ''}`;
    case 'beacon':
      return `beacon ${message.feedEpoch}/${message.feedEnd} of ${message.position}`;
    case 'feed':
      return `feed ${message.stream} ${message.feedEpoch}/${message.events.map(({ position }) => position).join(',')}`;
    default:
      return message.kind;
  }
}
