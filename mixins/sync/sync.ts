import type { Unfit } from '../../domain/datasets/definitions.ts';
import type { QuarantineStatus } from './quarantine-status.ts';

/** How the link stands. `GET /api/sync` says more: OfficeStatus. */
export interface SyncStatus {
  /** `offline`, `idle`, `greeting`, `waiting-for-head`, `streaming`, `refused`, `fenced`, `claiming`, ...; `head` at the head. */
  readonly state: string;
  readonly paused: boolean;
  /** Own events not yet acknowledged. */
  readonly pending: number;
  readonly ackedSeq: number;
  readonly safeSeq: number;
  readonly lastSeq: number;
  /** ISO 8601; null before the first contact. Over a crash it is right to the minute. */
  readonly lastContactAt: string | null;
  /** Why nothing moves, for people; null when all is well. */
  readonly problem: { readonly type: string; readonly detail: string; readonly since?: string } | null;
  /** Own events that the head keeps and does not apply, as this office heard last; none at the head. */
  readonly quarantined: QuarantineStatus;
}

/** Of a link that has not run yet. */
export const NO_CONTACT: Omit<SyncStatus, 'state'> = {
  paused: false,
  pending: 0,
  ackedSeq: 0,
  safeSeq: 0,
  lastSeq: 0,
  lastContactAt: null,
  problem: null,
  quarantined: { count: 0, items: [] },
};

/** With what the database alone knows. */
export interface OfficeStatus extends SyncStatus {
  /** Number of events parked or quarantined; null while the database cannot be asked. */
  readonly waiting: number | null;
  /** Changes of datasets by the head that are not carried out at this office, and why. */
  readonly unfit: readonly Unfit[];
}

/** The branch's end of the link, running: carries out the effects of domain/sync/branch.ts. */
export interface BranchSync {
  start(): Promise<void>;
  /**
   * Drains both ways: all that was there when it was asked for, not what is sold meanwhile. It takes up to
   * `deadlineMs` (a minute), and up to `patienceMs` (`deadlineMs` where that is given, else 10 s) while the head or the
   * broker does not answer.
   * @throws DomainError `sync-paused`, `sync-incomplete` with the status as `data.sync` when it could not be done in time
   */
  now(deadlineMs?: number, patienceMs?: number): Promise<SyncStatus>;
  /**
   * Makes a fenced copy the office, unless the other one is alive. It takes up to `deadlineMs` (a minute, and half of one
   * while nobody answers), and goes on after that, also over a restart.
   * @throws DomainError `not-fenced`, `sync-paused`, `claim-refused` when the other one answered the head,
   *   `sync-incomplete` while nothing is decided
   */
  claim(deadlineMs?: number): Promise<SyncStatus>;
  pause(): Promise<SyncStatus>;
  resume(): Promise<SyncStatus>;
  status(): SyncStatus;
  stop(): Promise<void>;
}

/** The head's end: one machine for each branch, and the feeder. */
export interface HeadSync {
  start(): Promise<void>;
  /** Whether each branch has been heard from lately, by office. */
  contacts(): ReadonlyMap<string, { readonly connected: boolean; readonly lastContactAt: string | null }>;
  /** Makes a newly added (or retired) office known at once. */
  officesChanged(): Promise<void>;
  status(): SyncStatus;
  stop(): Promise<void>;
}
