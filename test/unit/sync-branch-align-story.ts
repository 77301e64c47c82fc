import type { LoggedEvent } from '../../domain/event.ts';
import { BranchStory, hashOf, point } from './sync-branch-story.ts';

/** What the head holds of the own log, as `match-own` decodes it; only places matter here. */
export function logged(...seqs: number[]): LoggedEvent[] {
  return seqs.map(
    (seq) =>
      ({ event: { epoch: 1, seq }, bytes: new Uint8Array(), hash: hashOf(seq, 7) }) as unknown as LoggedEvent,
  );
}

/** A page of the own log from the head, which holds it up to `end`. */
export function own(afterSeq: number, upTo: number, end = upTo) {
  const events = Array.from({ length: upTo - afterSeq }, () => new Uint8Array(1));
  const [before, after] = [hashOf(afterSeq), hashOf(upTo, 7)];
  return { kind: 'own' as const, afterSeq, before, after, events, end: point(end, 7) };
}

/** Behind its head, which holds `head` events of the log. */
export function behind({ last = 4, head = 7 } = {}): BranchStory {
  const story = new BranchStory({}, { last: point(last), acked: point(2) });
  story.greets({ cursor: point(head, 7), hashAtYourLast: hashOf(last) }, null);
  return story;
}

/** The own log and the head's differ after place 3; both sides hold more. */
export function forked(): BranchStory {
  const story = new BranchStory({}, { last: point(6), acked: point(3) });
  story.greets({ cursor: point(5, 7), hashAtYourLast: null }, hashOf(5));
  return story;
}

export const matchedAt = (story: BranchStory, common: number, rest: LoggedEvent[], end: number) =>
  ({ on: 'own-matched', nonce: story.state.nonce, common: point(common), rest, end: point(end, 7) }) as const;
