import type { Moment } from '../../domain/projections/moment.ts';
import { errorType } from '../../domain/errors.ts';
import { BEGINNING, sameMoment } from '../../domain/projections/moment.ts';
import type { Difference, Job, ProblemOfJob, ProjectionRow } from '../store/projections/projection-store.ts';
import { beside } from './declared.ts';

export interface NewJob {
  readonly kind: Job['kind'];
  readonly version: number;
  readonly moment: Moment;
  readonly until?: string | null;
  readonly maxLoad?: number;
}

export function newJob({ kind, version, moment, until = null, maxLoad = 1 }: NewJob, nowMs: number): Job {
  return {
    kind,
    version,
    phase: 'filling',
    moment,
    until,
    scope: '',
    entityId: '',
    at: BEGINNING,
    failures: 0,
    eventsDone: 0,
    eventsTotal: moment.position,
    startedAtMs: nowMs,
    endedAtMs: null,
    maxLoad,
    isCancelled: false,
    problem: null,
    difference: null,
  };
}

/**
 * The table that a job makes. No other job ever makes one of its name: whoever comes late with what it had to do to the
 * table, when the job is over and another one under way, finds none.
 */
export function tableOfJob(
  { name }: Pick<ProjectionRow, 'name'>,
  { kind, startedAtMs }: Pick<Job, 'kind' | 'startedAtMs'>,
): string {
  if (kind === 'as-of') return name;
  return `${kind === 'rebuild' ? beside.fresh(name) : beside.check(name)}_${startedAtMs.toString(36)}`;
}

/** Where that table goes when it is taken back in the exchange: no rename that comes late finds it. */
export function withdrawnTable({ name }: Pick<ProjectionRow, 'name'>, { startedAtMs }: Job): string {
  return `${beside.withdrawn(name)}_${startedAtMs.toString(36)}`;
}

/** Whether it is this very job, and not at its end. */
export function isSameJob(a: Job | null, b: Job): boolean {
  return a !== null && a.startedAtMs === b.startedAtMs && a.kind === b.kind && a.endedAtMs === null;
}

/** Whether its end is not its own any more: its table takes its place, or goes already. */
function isTooLate({ phase }: Pick<Job, 'phase'>): boolean {
  return phase === 'swapping' || phase === 'clearing';
}

/** One that is over, and whose table is not wanted any more. */
export function toBeCleared(job: Job): Job {
  return { ...job, phase: 'clearing', endedAtMs: null, isCancelled: true, problem: null };
}

/** Whether nobody has taken the job further, or away. */
export function sameProgress(a: Job | null, b: Job): boolean {
  return (
    a !== null &&
    isSameJob(a, b) &&
    a.version === b.version &&
    a.phase === b.phase &&
    a.scope === b.scope &&
    a.entityId === b.entityId &&
    sameMoment(a.at, b.at) &&
    (!a.isCancelled || isTooLate(a))
  );
}

export function ended(
  job: Job,
  phase: 'done' | 'failed' | 'cancelled',
  nowMs: number,
  found: { problem?: Job['problem']; difference?: Difference | null } = {},
): Job {
  return { ...job, phase, endedAtMs: nowMs, waitsFor: null, ...found };
}

/** Why a projection does not follow any more, kept where its last job is. */
export function failedFollowing(
  { version, checkpoint }: ProjectionRow,
  problem: ProblemOfJob,
  nowMs: number,
): Job {
  return ended(newJob({ kind: 'follow', version, moment: checkpoint }, nowMs), 'failed', nowMs, { problem });
}

export function problemOf(error: unknown): ProblemOfJob {
  return { type: errorType(error), detail: error instanceof Error ? error.message : String(error) };
}

/** How a job stands, for people and programs. */
export interface JobView {
  readonly kind: Job['kind'];
  readonly phase: Job['phase'];
  readonly events: number;
  readonly eventsTotal: number;
  /** Since it began, pauses and all. */
  readonly eventsPerSecond: number;
  /** null when it is not known, or at its end. */
  readonly secondsLeft: number | null;
  readonly position: number;
  readonly maxLoad: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** `readers`: others have been reading the old table for long. `newer-program`: one has begun it, which alone goes on. */
  readonly waitsFor: 'readers' | 'newer-program' | null;
  /** Asked to end: whoever works on projections gives it up. */
  readonly cancelled: boolean;
  readonly problem: Job['problem'];
  readonly difference: Difference | null;
}

export function viewJob(job: Job, nowMs: number): JobView {
  const { kind, phase, eventsDone, eventsTotal, startedAtMs, endedAtMs, maxLoad, problem, difference } = job;
  const seconds = ((endedAtMs ?? nowMs) - startedAtMs) / 1000;
  const left = Math.max(0, eventsTotal - eventsDone);
  const isFilling = phase === 'filling' && eventsDone > 0;
  return {
    kind,
    phase,
    events: eventsDone,
    eventsTotal,
    eventsPerSecond: seconds > 0 ? Math.round(eventsDone / seconds) : 0,
    secondsLeft: isFilling ? Math.round((left * seconds) / eventsDone) : null,
    position: job.moment.position,
    maxLoad,
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
    waitsFor: job.waitsFor ?? null,
    cancelled: job.isCancelled,
    problem,
    difference,
  };
}
