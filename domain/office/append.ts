import { type ChainPoint, chainHash } from '../chain.ts';
import { advanceClock, EMPTY_CLOCK } from '../clock.ts';
import { encodeEvent } from '../canonical.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { INCIDENTS } from '../datasets/event-types.ts';
import { DomainError } from '../errors.ts';
import {
  type DomainEvent,
  type Dot,
  dotName,
  type EntityKey,
  entityKeyOf,
  entityName,
  type LoggedEvent,
} from '../event.ts';
import { tick } from '../hlc.ts';
import type { Ports } from '../ports.ts';
import { DigestChange, type DigestDelta } from '../projections/digest.ts';
import type { ConflictCase } from '../conflict/case.ts';
import type { Command, ReportIncident } from './commands.ts';
import { type DecidedEvent, decide } from './decide.ts';
import { assertSameRequest, idempotencyName, isKeyed } from './event-id.ts';
import type { EntityState } from './entity-state.ts';
import { type EntityChange, Fold, type FoldView, waitsBehind } from './fold.ts';
import type { Standing } from './discard.ts';

/** Kind of the incident that keeps the Idempotency-Key of a command which found everything as it wanted it. */
const NOTHING_CHANGED = 'nothing-changed';

/** A command on its way into the log. */
export interface Submission {
  readonly command: Command;
  readonly actor: string;
  /** Id of the event it will become; given by an idempotency key, fixed by the caller, or new. */
  readonly eventId: string;
  /** Not new: an earlier try may have used it. */
  readonly isFixed?: boolean;
}

/** The own log as the append transaction finds it, locked. */
export interface AppendView extends FoldView {
  readonly office: string;
  readonly role: 'head' | 'branch';
  readonly tail: ChainPoint;
  readonly position: number;
  readonly at: string;
  readonly hold: 'none' | 'fenced' | 'claiming';
  /** Events that this office wrote under one of the submitted ids, or with the same idempotency key. */
  readonly known: readonly LoggedEvent[];
  /** Events that wait on the entities in question, by entity name. */
  readonly waiting: ReadonlyMap<string, readonly DomainEvent[]>;
  /** How the events stand that are to be discarded, by name. */
  readonly standings?: ReadonlyMap<string, Standing>;
}

export type AppendOutcome =
  /** `replayed`: the answer of an earlier, identical command. `logged` is null when nothing had to change. */
  | {
      readonly ok: true;
      readonly logged: LoggedEvent | null;
      readonly replayed: boolean;
      readonly state: EntityState | null;
    }
  | { readonly ok: false; readonly error: unknown };

export interface AppendPlan {
  readonly tail: ChainPoint;
  readonly position: number;
  readonly at: string;
  readonly events: readonly (LoggedEvent & { readonly position: number })[];
  /** One for each submission, in order. */
  readonly outcomes: readonly AppendOutcome[];
  readonly changes: readonly EntityChange[];
  readonly cases: readonly ConflictCase[];
  readonly digests: readonly DigestDelta[];
}

/**
 * Works out what one append transaction writes: commands in order, each seeing the ones before it, one refused
 * command not hurting its neighbours. Pure: the caller has locked and loaded the view, and writes the plan.
 */
export function planAppend(view: AppendView, submissions: readonly Submission[], ports: Ports): AppendPlan {
  const run = new AppendRun(view, ports);
  const outcomes = submissions.map((submission) => run.submit(submission));
  return run.plan(outcomes);
}

/** Which office is the head makes no difference to what a branch writes in its own scope. */
const ANOTHER = '';

class AppendRun {
  readonly #view: AppendView;
  readonly #ports: Ports;
  readonly #fold: Fold;
  readonly #digests: DigestChange;
  readonly #events: (LoggedEvent & { position: number })[] = [];
  readonly #known: Map<string, LoggedEvent>;
  #tail: ChainPoint;
  #at: string;

  constructor(view: AppendView, ports: Ports) {
    this.#view = view;
    this.#ports = ports;
    this.#fold = new Fold(view, ports);
    this.#digests = new DigestChange(ports, view.role === 'head' ? view.office : ANOTHER);
    this.#known = new Map(view.known.map((logged) => [idempotencyName(logged.event.id), logged]));
    this.#tail = view.tail;
    this.#at = view.at;
  }

  submit(submission: Submission): AppendOutcome {
    try {
      return this.#replay(submission) ?? this.#decide(submission);
    } catch (error) {
      return { ok: false, error };
    }
  }

  plan(outcomes: readonly AppendOutcome[]): AppendPlan {
    const changes = this.#fold.changes();
    for (const change of changes) this.#digests.stateChanged(change.before, change.after);
    return {
      tail: this.#tail,
      position: this.#view.position + this.#events.length,
      at: this.#at,
      events: this.#events,
      outcomes,
      changes,
      cases: this.#fold.changedCases(),
      digests: this.#digests.deltas(),
    };
  }

  #replay({ command, eventId }: Submission): AppendOutcome | null {
    const logged = this.#known.get(idempotencyName(eventId));
    if (logged === undefined) return null;
    assertSameRequest(logged.event, eventId);
    return { ok: true, logged, replayed: true, state: this.#fold.stateOf(command) };
  }

  #decide({ command, actor, eventId }: Submission): AppendOutcome {
    if (this.#view.hold !== 'none') {
      throw new DomainError(
        'office-fenced',
        'This is a second copy of the office: it accepts no more commands',
        {
          office: this.#view.office,
        },
      );
    }
    this.#assertUpToDate(command);
    const state = this.#fold.stateOf(command);
    const { office, role } = this.#view;
    const decision = decide(command, state, {
      office,
      role,
      dataset: this.#view.datasetNamed(command.dataset),
      evolves: this.#changedBy(command),
      standing: this.#standingOf(command),
      open: state === null ? null : this.#fold.openCaseOf(command),
      settled: command.type === 'resolve' ? this.#fold.settledCase(command.caseId) : null,
    });
    if ('noChange' in decision) {
      if (isKeyed(eventId) && command.type !== 'report-incident') this.#keepAnswer(command, actor, eventId);
      return { ok: true, logged: null, replayed: false, state };
    }
    const logged = this.#write(command, state, decision.event, { id: eventId, actor });
    return { ok: true, logged, replayed: false, state: this.#fold.stateOf(command) };
  }

  /** The dataset that a command changes. */
  #changedBy(command: Command): Dataset | null {
    if (command.type === 'evolve-dataset') return this.#view.datasetNamed(command.evolves);
    return command.type === 'change-policies' ? this.#view.datasetNamed(command.changes) : null;
  }

  /**
   * While own events wait (they came back to a restored office before what they had seen), a new one would claim to
   * have seen them: a clock covers all that its life wrote before.
   */
  #assertUpToDate({ dataset, scope, entityId }: Command): void {
    const waiting = this.#view.waiting.get(entityName({ dataset, scope, entityId })) ?? [];
    if (!waitsBehind(this.#nextDot(), waiting)) return;
    const message = `Earlier changes of "${entityId}" wait here: they are still coming back to this office (try again after a sync), or are in quarantine`;
    throw new DomainError('entity-waiting', message, { dataset, scope, entityId });
  }

  /** One that an earlier command of the group discards does not wait any more. */
  #standingOf(command: Command): Standing {
    if (command.type !== 'discard-event') return null;
    if (this.#fold.stateOf(command) !== null) return 'discarded';
    return this.#view.standings?.get(dotName(command.event)) ?? null;
  }

  #nextDot(): Dot {
    return { office: this.#view.office, epoch: this.#tail.epoch, seq: this.#tail.seq + 1 };
  }

  /**
   * A command that changes nothing has no event to carry its key. Without one, repeating it after somebody else's
   * change would undo that change, so the answer itself becomes an event beside the entity.
   */
  #keepAnswer(command: Command, actor: string, eventId: string): void {
    const { dataset, scope, entityId } = command;
    const report: ReportIncident = {
      type: 'report-incident',
      dataset: INCIDENTS,
      scope: this.#view.office,
      entityId: eventId,
      kind: NOTHING_CHANGED,
      detail: { dataset, scope, entityId },
    };
    const { office, role } = this.#view;
    const decision = decide(report, null, { office, role, dataset: null });
    if ('event' in decision) this.#write(report, null, decision.event, { id: eventId, actor });
  }

  #write(
    key: EntityKey,
    state: EntityState | null,
    decided: DecidedEvent,
    { id, actor }: { readonly id: string; readonly actor: string },
  ): LoggedEvent {
    const dot = this.#nextDot();
    const at = tick(this.#at, this.#ports.nowMs());
    const clock = advanceClock(state?.clock ?? EMPTY_CLOCK, dot);
    return this.#log({ ...dot, ...entityKeyOf(key), ...decided, id, clock, at, actor });
  }

  #log(event: DomainEvent): LoggedEvent {
    const bytes = encodeEvent(event); // refuses what no database could keep, before anything is changed
    const hash = chainHash(this.#ports, this.#tail.hash, bytes);
    const logged = { event, bytes, hash, position: this.#view.position + this.#events.length + 1 };
    this.#fold.apply(event);
    this.#digests.eventHeld(logged);
    this.#events.push(logged);
    this.#known.set(idempotencyName(event.id), logged);
    this.#tail = { epoch: event.epoch, seq: event.seq, hash };
    this.#at = event.at;
    return logged;
  }
}
