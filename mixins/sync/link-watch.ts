import type { Ports } from '../../domain/ports.ts';
import { isDrained } from '../../domain/sync/branch.ts';
import type { BranchState } from '../../domain/sync/branch-state.ts';
import { isWanted } from '../../domain/sync/branch-step.ts';
import { LIMITS } from '../../domain/sync/limits.ts';
import type { UpMessage } from '../../domain/sync/messages.ts';
import { FewLines, type LinkJournal, type Standing } from './few-lines.ts';
import { adviceOnRefusal } from './refusal-advice.ts';
import type { SyncStatus } from './sync.ts';

/** What was asked of the head is answered, or asked again, within this time; then it counts as silent. */
export const SILENCE_MS = 2 * LIMITS.answerMs;
/** A batch that was asked for twice again is not lost on the way: the head has it and cannot take it. */
const SENT_TOO_OFTEN = 3;

type Problem = NonNullable<SyncStatus['problem']>;

/**
 * Looks at the branch's machine from outside: notices what it cannot, since it only ever waits for its own next
 * deadline, and tells each change of the link to the log.
 */
export class LinkWatch {
  readonly #ports: Ports;
  readonly #lines: FewLines;
  /** When the oldest question was asked that nothing was heard since. */
  #askedAtMs: number | null = null;
  /** The batch right behind what is acknowledged, in this session. */
  #batch = { nonce: '', firstSeq: 0, events: 0, times: 0 };
  /** Of the catching up under way. */
  #begun: { atMs: number; acked: number; received: number } | null = null;
  #isStreaming = false;
  #received = 0;

  constructor(ports: Ports, journal: LinkJournal) {
    this.#ports = ports;
    this.#lines = new FewLines(ports, journal);
  }

  sent(message: UpMessage, acked: number): void {
    if (message.kind === 'bye') this.#askedAtMs = null;
    else this.#askedAtMs ??= this.#ports.elapsedMs();
    if (message.kind !== 'batch' || message.firstSeq !== acked + 1) return;
    const { nonce, firstSeq, events } = message;
    const isAgain = this.#batch.nonce === nonce && this.#batch.firstSeq === firstSeq;
    this.#batch = { nonce, firstSeq, events: events.length, times: isAgain ? this.#batch.times + 1 : 1 };
  }

  /** What was not sent cannot be answered; the machine knows why. */
  notSent(): void {
    this.#askedAtMs = null;
  }

  heard(): void {
    this.#askedAtMs = null;
  }

  received(events: number): void {
    this.#received += events;
  }

  /** After every step of the machine, and every tick. */
  look(state: BranchState): void {
    if (!state.linkUp) this.#askedAtMs = null;
    this.#lines.tell(this.#standing(state));
    this.#followCatchUp(state);
  }

  isSilent({ linkUp }: BranchState): boolean {
    return linkUp && this.#askedAtMs !== null && this.#ports.elapsedMs() - this.#askedAtMs >= SILENCE_MS;
  }

  /** What the machine does not know to be a problem. */
  problem(state: BranchState): Problem | null {
    if (this.isSilent(state)) return silence(state);
    return this.#isStuck(state) ? notTaken(this.#batch) : null;
  }

  #isStuck({ nonce, acked }: BranchState): boolean {
    const batch = this.#batch;
    return batch.nonce === nonce && batch.times >= SENT_TOO_OFTEN && acked.seq < batch.firstSeq;
  }

  /** Null while it is on its way from one to another. */
  #standing(state: BranchState): Standing | null {
    const { phase, linkUp, problem } = state;
    if (state.fenced) return warn('fenced', problem?.detail ?? 'This office is fenced');
    if (!linkUp) return isWanted(state) && problem !== null ? warn(problem.type, lost(problem.detail)) : null;
    const noticed = this.problem(state);
    if (noticed !== null) return warn(noticed.type, noticed.detail);
    if (phase.name === 'refused') return warn(`refused:${phase.reason}`, refused(phase.reason, phase.detail));
    if (phase.name === 'idle') return rest(state);
    return phase.name === 'streaming' ? { key: 'streaming', level: 'info', text: inContact(state) } : null;
  }

  #followCatchUp(state: BranchState): void {
    const isStreaming = state.phase.name === 'streaming';
    const [acked, received] = [state.acked.seq, this.#received];
    if (isStreaming && !this.#isStreaming) this.#begun = { atMs: this.#ports.elapsedMs(), acked, received };
    this.#isStreaming = isStreaming;
    if (!isStreaming) this.#begun = null;
    const everything = { upTo: state.last.seq, feedTo: state.feed.end, probe: 0 };
    if (this.#begun === null || !isDrained(state, everything)) return;
    const seconds = ((this.#ports.elapsedMs() - this.#begun.atMs) / 1000).toFixed(1);
    const counts = `${countOf(acked - this.#begun.acked)} sent, ${received - this.#begun.received} received`;
    this.#begun = null;
    this.#lines.add(`Caught up with the head: ${counts} in ${seconds} s.`);
  }
}

function warn(key: string, text: string): Standing {
  return { key, level: 'warn', text };
}

function lost(reason: string): string {
  return `The link is down: ${reason.replace(/\.$/, '')}. This office sells on, and connects again by itself.`;
}

function refused(reason: string, detail: string): string {
  const advice = adviceOnRefusal(reason) ?? '';
  return `The head refuses this office (${reason}): ${detail.replace(/\.$/, '')}. ${advice} It is asked again by itself.`;
}

/** null for one that was stopped: whoever stops it knows. */
function rest(state: BranchState): Standing | null {
  const text = resting(state);
  return text === null ? null : { key: 'idle', level: 'info', text };
}

function resting({ paused, mode, isWindowOpen }: BranchState): string | null {
  if (paused) return 'Sync is paused, until it is resumed.';
  if (mode === 'manual') return 'Sync rests until it is asked for (SYNC_MODE=manual).';
  return isWindowOpen ? null : 'Sync rests outside its hours (SYNC_WINDOWS).';
}

function countOf(events: number): string {
  return `${events} ${events === 1 ? 'event' : 'events'}`;
}

function inContact({ last, acked, subscribe, granted }: BranchState): string {
  const contact = `In contact with the head: ${countOf(last.seq - acked.seq)} to send.`;
  if (subscribe === granted) return contact;
  return `${contact} SUBSCRIBE=${subscribe} was asked for; the head feeds this office with "${granted}", as it was added there.`;
}

function silence({ lastContactAtMs }: BranchState): Problem {
  const since = lastContactAtMs === 0 ? null : new Date(lastContactAtMs).toISOString();
  const heard = since === null ? 'The head has not answered yet' : `The head has not answered since ${since}`;
  const why = 'the broker is reached, so the head does not run, or its LINK_URL names another broker or host';
  const detail = `${heard}: ${why}. This office sells on, and asks again by itself.`;
  return { type: 'head-silent', detail, ...(since === null ? {} : { since }) };
}

function notTaken({ firstSeq, events, times }: { firstSeq: number; events: number; times: number }): Problem {
  const [what, them] =
    events === 1
      ? [`Event ${firstSeq} was`, 'it']
      : [`Events ${firstSeq} to ${firstSeq + events - 1} were`, 'them'];
  const detail = `${what} sent to the head ${times} times, and it does not take ${them}. Its log says why; nothing is lost.`;
  return { type: 'batch-not-taken', detail };
}
