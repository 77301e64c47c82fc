import type { ChainPoint } from '../../domain/chain.ts';
import type { Dot, LoggedEvent } from '../../domain/event.ts';
import type { Command } from '../../domain/office/commands.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import type { EventRow, LogRow, OfficeRow, StoreReader } from '../store/store.ts';

/**
 * One office's log and everything folded from it. Concurrent submissions are coalesced into one transaction, in
 * order; one refused command does not hurt its neighbours. An answer means: committed.
 */
export interface Ledger {
  readonly office: string;
  readonly role: 'head' | 'branch';
  readonly read: StoreReader;

  /**
   * Decides a command and appends its event.
   * @throws DomainError of `decide` (`invalid-input`, `unknown-entity`, ...), `idempotency-key-reused`, `office-fenced`,
   *   `database-unavailable`, `too-many-waiting` (more submissions wait than are kept in memory)
   */
  submit(submission: CommandSubmission): Promise<Submitted>;
  /** Many at once, in order, each with its own outcome; at most 1,000. For imports. */
  submitAll(submissions: readonly CommandSubmission[]): Promise<readonly SubmittedOutcome[]>;

  /** While held, submissions wait (a few seconds at most) for own events to come back from the head. */
  hold(held: boolean): void;
  /** Called after every commit that moved the log: an append of its own, or an apply. */
  onCommitted(listener: (committed: Committed) => void): void;

  /**
   * Judges an event that waits here once more, with all others of its entity: after an upgrade, or when what it waited
   * for has changed. Answers how it stands now.
   * @throws DomainError `unknown-event`, `event-applied`, `event-discarded`
   */
  judgeAgain(event: Dot): Promise<EventRow>;
  addOffice(office: Pick<OfficeRow, 'office' | 'name' | 'subscribe'>): Promise<OfficeRow>;
  retireOffice(office: string): Promise<OfficeRow>;
  savePaused(paused: boolean): Promise<void>;

  close(): Promise<void>;
}

export interface CommandSubmission {
  readonly command: Command;
  readonly actor: string;
  /** A retried request has the same key and the same request text, and gets the first answer. */
  readonly idempotency?: { readonly key: string; readonly request: string };
  /** Instead of the above: a fixed id (rulings, imports). */
  readonly eventId?: string;
}

export interface Submitted {
  /** null when nothing had to change. */
  readonly logged: LoggedEvent | null;
  readonly replayed: boolean;
  readonly state: EntityState | null;
}

export type SubmittedOutcome =
  ({ readonly ok: true } & Submitted) | { readonly ok: false; readonly error: unknown };

export interface Committed {
  readonly last: ChainPoint;
  readonly position: number;
  /** Ids of open cases that this commit opened or changed. */
  readonly cases: readonly string[];
}

export type { LogRow };
