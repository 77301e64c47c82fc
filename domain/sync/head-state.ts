import type { ChainPoint } from '../chain.ts';
import type { OfficeId } from '../event.ts';
import type { GreetingOutcome } from './greeting.ts';
import type {
  Adopt,
  Batch,
  ControlMessage,
  HashedBytes,
  Hello,
  QuarantineReport,
  Subscription,
  UpMessage,
} from './messages.ts';

/**
 * The head's end of the protocol, one machine for each branch. It holds nothing that the database does not hold,
 * but for the session it last heard from: after a restart of the head every branch is asked to greet again, since the
 * head cannot tell by itself whether its database is the one it was.
 *
 * Invariants: an acknowledgement is sent only for a cursor that a committed transaction returned; a message is
 * answered in its own session, to the process that sent it.
 */
export interface HeadState {
  readonly office: OfficeId;
  /** The session heard from last, and whose it is; '' before the first message. */
  readonly nonce: string;
  readonly instance: string;
  /** Whether this process answered the session's greeting. One of an earlier process is asked to greet again. */
  readonly isWelcomed: boolean;
  /** The gap that was reported last: one report for each round trip. */
  readonly gapAt: number | null;
  /** Messages of this session, in a row, that could not be read. */
  readonly unreadable: number;
  /** How many `returned` messages of this session were taken. */
  readonly returned: number;
  readonly leaseDueAtMs: number;
  readonly challenge: Challenge | null;
  readonly beaconAtMs: number;
  readonly lastContactAtMs: number;
}

/** Another process greets while somebody holds the lease: the holder is asked to greet again. */
export interface Challenge {
  /** The process that greets. */
  readonly by: string;
  /** Goes with the question, and comes back with the greeting that answers it. */
  readonly token: string;
  /** How far the holder has come: it has greeted again, and has spoken in that session. */
  readonly stage: 'asked' | 'greeted' | 'answered';
  readonly againAtMs: number;
}

/** Whom an answer goes to. */
export interface Session {
  readonly nonce: string;
  readonly instance: string;
}

export type HeadInput =
  | { readonly on: 'message'; readonly message: UpMessage }
  | { readonly on: 'tick' }
  | {
      readonly on: 'greeted';
      readonly hello: Hello;
      readonly subscribe: Subscription;
      readonly outcome: GreetingOutcome;
    }
  | {
      readonly on: 'batch-applied';
      readonly session: Session;
      readonly verdict: 'ok' | 'gap' | 'fork';
      readonly cursor: ChainPoint;
      readonly safeSeq: number;
      readonly quarantined: QuarantineReport;
    }
  /** Something under the office's name that is no message: what it was to be nobody can tell. */
  | { readonly on: 'unreadable'; readonly detail: string }
  | { readonly on: 'batch-refused'; readonly session: Session; readonly detail: string }
  | {
      readonly on: 'cursor-read';
      readonly session: Session;
      readonly probe: number;
      readonly cursor: ChainPoint;
      readonly safeSeq: number;
      readonly quarantined: QuarantineReport;
    }
  | {
      readonly on: 'granted';
      readonly session: Session;
      readonly epoch: number;
      readonly adopt: Omit<Adopt, 'epoch'> | null;
    }
  | {
      readonly on: 'returned-applied';
      readonly session: Session;
      readonly number: number;
      readonly end: boolean;
    };

export type HeadEffect =
  /** To one process of the branch; its queue is declared first. */
  | { readonly do: 'send'; readonly to: string; readonly message: ControlMessage }
  | { readonly do: 'declare'; readonly instance: string; readonly subscribe: Subscription | null }
  | { readonly do: 'greet'; readonly hello: Hello }
  | { readonly do: 'apply-batch'; readonly session: Session; readonly batch: Batch }
  | { readonly do: 'read-cursor'; readonly session: Session; readonly probe: number }
  /** Reads and sends own events after `after`. */
  | { readonly do: 'answer-fetch'; readonly session: Session; readonly after: number }
  /** Reads and sends the subscription after `after`. */
  | {
      readonly do: 'answer-pull';
      readonly session: Session;
      readonly feedEpoch: number;
      readonly after: number;
      readonly hash: Uint8Array;
    }
  | { readonly do: 'grant'; readonly session: Session; readonly adopt: Omit<Adopt, 'epoch'> | null }
  | {
      readonly do: 'apply-returned';
      readonly session: Session;
      readonly number: number;
      readonly events: readonly HashedBytes[];
      readonly end: boolean;
    }
  /** The session is confirmed and alive; only if it is still this process's. */
  | { readonly do: 'renew-lease'; readonly instance: string; readonly untilMs: number }
  | { readonly do: 'end-lease'; readonly instance: string }
  /** Reads the subscription's end and sends a beacon. */
  | { readonly do: 'send-beacon'; readonly session: Session }
  | { readonly do: 'alarm'; readonly type: string; readonly detail: string };

export interface HeadStep {
  readonly state: HeadState;
  readonly effects: readonly HeadEffect[];
}

export function startHead(office: OfficeId): HeadState {
  return {
    office,
    nonce: '',
    instance: '',
    isWelcomed: false,
    gapAt: null,
    unreadable: 0,
    returned: 0,
    leaseDueAtMs: 0,
    challenge: null,
    beaconAtMs: 0,
    lastContactAtMs: 0,
  };
}
