import type { ConflictCase } from '../conflict/case.ts';
import { EMPTY_CLOCK, seenToo, type VectorClock } from '../clock.ts';
import { type DomainEvent, dotName, entityName, type LoggedEvent, type OfficeId } from '../event.ts';
import { adopt } from '../hlc.ts';
import { type EntityChange, Fold, type FoldView, waitsBehind, waitsFor } from '../office/fold.ts';
import { type Refusal, refusalInState, refusalOf } from '../office/right-to-write.ts';
import type { Ports } from '../ports.ts';
import { DigestChange, type DigestDelta } from '../projections/digest.ts';

/** An event that waits, as the database keeps it. */
export interface WaitingEvent {
  readonly position: number;
  readonly status: 'parked' | 'quarantined';
  readonly event: DomainEvent;
}

/** This database as the apply transaction finds it, locked. */
export interface ApplyView extends FoldView {
  readonly position: number;
  readonly at: string;
  /** Whose pen rules and shares: the head's id. */
  readonly headOffice: string;
  /** Events that wait on the touched entities, by entity name. */
  readonly waiting: ReadonlyMap<string, readonly WaitingEvent[]>;
  /** Names of those of the incoming events that the head has discarded. */
  readonly discarded?: ReadonlySet<string>;
  /** By entity name, events held and discarded, as far as causes seem to be missing: those count as seen. */
  readonly setAside?: ReadonlyMap<string, VectorClock>;
}

export interface AcceptedEvent extends LoggedEvent {
  readonly position: number;
  readonly status: 'applied' | 'parked' | 'quarantined' | 'discarded';
  /** Why it waits; null when it does not. */
  readonly reason: string | null;
  readonly detail: string;
}

export interface ClockAhead {
  readonly office: OfficeId;
  readonly aheadMs: number;
}

export interface ApplyPlan {
  readonly position: number;
  readonly at: string;
  readonly accepted: readonly AcceptedEvent[];
  /** Positions of events that waited and are applied now. */
  readonly released: readonly number[];
  readonly changes: readonly EntityChange[];
  readonly cases: readonly ConflictCase[];
  readonly digests: readonly DigestDelta[];
  /** The largest lead of a remote clock that was not adopted; an alarm. */
  readonly clockAhead: ClockAhead | null;
}

/**
 * Works out what the database takes over from a chained run of foreign (or own, returned) events. Every event is
 * kept; one whose causes are missing is parked, one that its author may not write is quarantined, and only the
 * entity waits with it. One that the head has discarded counts as seen, and writes nothing. Pure: the caller has locked and loaded the view, and writes the plan.
 */
export function planApply(view: ApplyView, incoming: readonly LoggedEvent[], ports: Ports): ApplyPlan {
  const run = new ApplyRun(view, ports);
  for (const logged of incoming) run.accept(logged);
  return run.plan();
}

type Waiting = WaitingEvent & { readonly isNew: boolean };
type Verdict = Pick<AcceptedEvent, 'status' | 'reason' | 'detail'>;

const APPLIED: Verdict = { status: 'applied', reason: null, detail: '' };
const DISCARDED: Verdict = { status: 'discarded', reason: null, detail: '' };

function parked(detail: string): Verdict {
  return { status: 'parked', reason: 'cause-missing', detail };
}

const TO_COME: ReadonlySet<Refusal['reason']> = new Set(['version-unknown', 'unknown-field']);

/** What a newer program, or dataset, may understand is parked; what nobody may have written is quarantined. */
function refused({ reason, detail }: Refusal): Verdict {
  return { status: TO_COME.has(reason) ? 'parked' : 'quarantined', reason, detail };
}

class ApplyRun {
  readonly #view: ApplyView;
  readonly #ports: Ports;
  readonly #fold: Fold;
  readonly #digests: DigestChange;
  readonly #accepted: AcceptedEvent[] = [];
  readonly #released: number[] = [];
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #setAside: Map<string, VectorClock>;
  #at: string;
  #clockAhead: ClockAhead | null = null;

  constructor(view: ApplyView, ports: Ports) {
    this.#view = view;
    this.#ports = ports;
    this.#fold = new Fold(view, ports);
    this.#digests = new DigestChange(ports, view.headOffice);
    this.#at = view.at;
    this.#setAside = new Map(view.setAside);
    for (const [name, events] of view.waiting) {
      this.#waiting.set(
        name,
        events.map((event) => ({ ...event, isNew: false })),
      );
    }
  }

  accept(logged: LoggedEvent): void {
    const position = this.#view.position + this.#accepted.length + 1;
    const { status, reason, detail } = this.#verdictOn(logged.event);
    this.#accepted.push({ ...logged, position, status, reason, detail });
    this.#digests.eventHeld(logged);
    this.#noticeTime(logged.event);
    this.#take(logged.event, position, status);
  }

  #take(event: DomainEvent, position: number, status: AcceptedEvent['status']): void {
    if (status === 'parked' || status === 'quarantined') {
      this.#wait({ position, status, event, isNew: true });
      return;
    }
    if (status === 'applied') this.#fold.apply(event);
    else this.#setAside.set(entityName(event), seenToo(this.#setAsideOf(event), event));
    this.#releaseFollowers(event);
  }

  plan(): ApplyPlan {
    const changes = this.#fold.changes();
    for (const change of changes) this.#digests.stateChanged(change.before, change.after);
    return {
      position: this.#view.position + this.#accepted.length,
      at: this.#at,
      accepted: this.#accepted,
      released: this.#released,
      changes,
      cases: this.#fold.changedCases(),
      digests: this.#digests.deltas(),
      clockAhead: this.#clockAhead,
    };
  }

  #verdictOn(event: DomainEvent): Verdict {
    if (this.#view.discarded?.has(dotName(event))) return DISCARDED;
    const refusal = refusalOf(event, this.#view.headOffice, this.#view.datasetNamed);
    if (refusal !== null) return refused(refusal);
    const waiting = (this.#waiting.get(entityName(event)) ?? []).map((other) => other.event);
    if (waitsBehind(event, waiting)) return parked('an earlier event of its author waits');
    const isHeldBack =
      waitsFor(event, waiting).length > 0 || !this.#fold.hasCausesOf(event, this.#setAsideOf(event));
    if (isHeldBack) return parked('events that its author had seen are missing');
    const senseless = refusalInState(this.#fold.stateOf(event), event);
    return senseless === null ? APPLIED : refused(senseless);
  }

  #setAsideOf(event: DomainEvent): VectorClock {
    return this.#setAside.get(entityName(event)) ?? EMPTY_CLOCK;
  }

  #releaseFollowers(event: DomainEvent): void {
    for (let next = this.#nextReady(event); next !== null; next = this.#nextReady(event)) this.#release(next);
  }

  /** A parked event of the entity whose causes are all there now, the earliest accepted first. */
  #nextReady(event: DomainEvent): Waiting | null {
    const waiting = this.#waiting.get(entityName(event)) ?? [];
    const isReady = (candidate: Waiting) =>
      candidate.status === 'parked' && this.#verdictOn(candidate.event).status === 'applied';
    return waiting.find(isReady) ?? null;
  }

  #release(ready: Waiting): void {
    const name = entityName(ready.event);
    this.#waiting.set(
      name,
      this.#waiting.get(name)!.filter((other) => other !== ready),
    );
    this.#fold.apply(ready.event);
    if (!ready.isNew) {
      this.#released.push(ready.position);
      return;
    }
    const index = ready.position - this.#view.position - 1;
    this.#accepted[index] = { ...this.#accepted[index]!, ...APPLIED };
  }

  #wait(waiting: Waiting): void {
    const name = entityName(waiting.event);
    this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), waiting]);
  }

  #noticeTime({ office, at }: DomainEvent): void {
    const { time, tooFarAheadMs: aheadMs } = adopt(this.#at, at, this.#ports.nowMs());
    this.#at = time;
    if (aheadMs !== null && aheadMs > (this.#clockAhead?.aheadMs ?? 0))
      this.#clockAhead = { office, aheadMs };
  }
}
