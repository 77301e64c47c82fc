import { caseOverruledBy, ruledAgain, trackCase, type TrackedCase, workedOut } from '../conflict/cases.ts';
import type { ConflictCase } from '../conflict/case.ts';
import { withStake } from '../conflict/stake.ts';
import { covers, EMPTY_CLOCK, hasCauses, includes, lifeOf, mergeClocks, type VectorClock } from '../clock.ts';
import { countedFields } from '../datasets/counted.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { DEFINITIONS } from '../datasets/event-types.ts';
import { type DomainEvent, type Dot, type EntityKey, entityName, sameDot } from '../event.ts';
import type { Hasher } from '../ports.ts';
import type { EntityState } from './entity-state.ts';
import { evolve } from './evolve.ts';

/** What is known of the touched entities before a fold, loaded from the database (or the simulator's disk). */
export interface FoldView {
  readonly entities: ReadonlyMap<string, EntityState>;
  readonly openCases: ReadonlyMap<string, ConflictCase>;
  /** All applied events of an entity; asked for when a conflict has been opened, or has got other sides. */
  readonly history: (name: string) => readonly DomainEvent[];
  readonly datasetNamed: (name: string) => Dataset | null;
  /** Settled cases that are ruled on again, by id. */
  readonly settled?: ReadonlyMap<string, ConflictCase>;
}

/** The (before, after) pair of one entity: everything that follows the log follows these. */
export interface EntityChange {
  readonly name: string;
  readonly before: EntityState | null;
  readonly after: EntityState;
}

/** Folds events into entities, in memory, once per entity, whatever their number. */
export class Fold {
  readonly #view: FoldView;
  readonly #hasher: Hasher;
  readonly #after = new Map<string, EntityState>();
  readonly #casesById = new Map<string, TrackedCase>();
  readonly #openByName = new Map<string, TrackedCase | null>();
  readonly #applied = new Map<string, DomainEvent[]>();

  constructor(view: FoldView, hasher: Hasher) {
    this.#view = view;
    this.#hasher = hasher;
  }

  stateOf(key: EntityKey): EntityState | null {
    const name = entityName(key);
    return this.#after.get(name) ?? this.#view.entities.get(name) ?? null;
  }

  /** With what its counted fields come to. */
  openCaseOf(key: EntityKey): ConflictCase | null {
    const open = this.#openCase(entityName(key));
    return open === null ? null : this.#workedOut(open);
  }

  #openCase(name: string): TrackedCase | null {
    const tracked = this.#openByName.get(name);
    return tracked === undefined ? (this.#view.openCases.get(name) ?? null) : tracked;
  }

  /** `setAside`: of events of the entity that count as seen, though they write nothing. */
  hasCausesOf(event: DomainEvent, setAside: VectorClock = EMPTY_CLOCK): boolean {
    return hasCauses(mergeClocks(this.stateOf(event)?.clock ?? EMPTY_CLOCK, setAside), event);
  }

  apply(event: DomainEvent): void {
    const name = entityName(event);
    const before = this.stateOf(event);
    const after = evolve(before, event);
    this.#after.set(name, after);
    this.#remember(name, event);
    this.#follow(name, before, after, event);
  }

  changes(): EntityChange[] {
    return [...this.#after].map(([name, after]) => ({
      name,
      before: this.#view.entities.get(name) ?? null,
      after,
    }));
  }

  changedCases(): ConflictCase[] {
    return [...this.#casesById.values()].map((one) =>
      withStake(this.#workedOut(one), this.#view.datasetNamed(one.dataset), this.stateOf(one)!),
    );
  }

  /** The settled case of an id, as far as this fold has to do with it. */
  settledCase(id: string): ConflictCase | null {
    const known = this.#casesById.get(id) ?? this.#view.settled?.get(id) ?? null;
    return known?.status === 'settled' ? known : null;
  }

  #ruleAgain(event: DomainEvent): void {
    const id = caseOverruledBy(event);
    const settled = id === null ? null : this.settledCase(id);
    if (settled !== null && entityName(settled) === entityName(event))
      this.#casesById.set(settled.id, ruledAgain(settled, event));
  }

  #workedOut(tracked: TrackedCase): ConflictCase {
    const name = entityName(tracked);
    const counted = countedFields(this.#view.datasetNamed(tracked.dataset));
    const known = workedOut(tracked, counted, () => this.#history(name));
    if (known === tracked) return known;
    if (known.status === 'open') this.#openByName.set(name, known);
    if (this.#casesById.has(known.id)) this.#casesById.set(known.id, known);
    return known;
  }

  #history(name: string): DomainEvent[] {
    return [...this.#view.history(name), ...(this.#applied.get(name) ?? [])];
  }

  #remember(name: string, event: DomainEvent): void {
    const applied = this.#applied.get(name);
    if (applied) applied.push(event);
    else this.#applied.set(name, [event]);
  }

  #follow(name: string, before: EntityState | null, after: EntityState, event: DomainEvent): void {
    if (event.dataset === DEFINITIONS) return; // two lives of the head may both have changed a dataset: the later stands
    const open = this.#openCase(name);
    const concurrent = before !== null && !includes(event.clock, before.clock);
    if (open === null) this.#ruleAgain(event);
    if (open === null && !concurrent) return; // nearly always: it has seen everything that is here
    const history = () => this.#history(name);
    const counted = countedFields(this.#view.datasetNamed(event.dataset));
    const tracked = trackCase({ open, before, after, event, history, hasher: this.#hasher, counted });
    if (tracked === null) return;
    this.#casesById.set(tracked.id, tracked);
    this.#openByName.set(name, tracked.status === 'open' ? tracked : null);
  }
}

/** Whether an earlier event of the same life waits on the same entity: order within a life is a cause, too. */
export function waitsBehind(event: Dot, waiting: readonly DomainEvent[]): boolean {
  return waiting.some((other) => lifeOf(other) === lifeOf(event) && other.seq < event.seq);
}

/** Those of the waiting events of its entity that the author of an event had seen: before them it is not applied. */
export function waitsFor(event: DomainEvent, waiting: readonly DomainEvent[]): DomainEvent[] {
  return waiting.filter((other) => !sameDot(other, event) && covers(event.clock, other));
}
