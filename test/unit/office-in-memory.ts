import { type ChainPoint, START_OF_CHAIN } from '../../domain/chain.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import type { Catalogue } from '../../domain/datasets/catalogue.ts';
import { CATALOGUE_KEY, type Defined, definedBy } from '../../domain/datasets/definitions.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { dotName, type DomainEvent, entityName, type LoggedEvent } from '../../domain/event.ts';
import { START_OF_TIME } from '../../domain/hlc.ts';
import { type AppendOutcome, planAppend, type Submission } from '../../domain/office/append.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import type { EntityChange } from '../../domain/office/fold.ts';
import { addModulo, type DigestDelta } from '../../domain/projections/digest.ts';
import { type AcceptedEvent, planApply, type WaitingEvent } from '../../domain/sync/apply.ts';
import { TestPorts } from './sync-ports.ts';

interface Folded {
  readonly position: number;
  readonly at: string;
  readonly changes: readonly EntityChange[];
  readonly cases: readonly ConflictCase[];
  readonly digests: readonly DigestDelta[];
}

type Held = LoggedEvent & { status: AcceptedEvent['status']; position: number };

/** One office's database in memory: what plans are made from, and where they go. */
export class OfficeInMemory {
  readonly office: string;
  readonly role: 'head' | 'branch';
  readonly ports = new TestPorts();
  readonly entities = new Map<string, EntityState>();
  readonly cases = new Map<string, ConflictCase>();
  readonly digests = new Map<string, [number, bigint, bigint]>();
  readonly held: Held[] = [];
  /** Own events, in order. */
  readonly log: LoggedEvent[] = [];
  #tail: ChainPoint;
  #position = 0;
  #at = START_OF_TIME;

  /** `epoch`: of its life. */
  constructor(office: string, epoch = START_OF_CHAIN.epoch) {
    this.office = office;
    this.#tail = { ...START_OF_CHAIN, epoch };
    this.role = office === 'head' ? 'head' : 'branch';
  }

  /** As the head has changed them. */
  get datasets(): Catalogue {
    return this.#defined.catalogue;
  }

  get unfit(): Defined['unfit'] {
    return this.#defined.unfit;
  }

  get #defined(): Defined {
    return definedBy(BUILT_IN, this.entities.get(entityName(CATALOGUE_KEY)) ?? null);
  }

  get waiting(): Held[] {
    return this.held.filter(({ status }) => status === 'parked' || status === 'quarantined');
  }

  get openCases(): ConflictCase[] {
    return [...this.cases.values()].filter(({ status }) => status === 'open');
  }

  submit(submission: Submission): AppendOutcome {
    const { office, role } = this;
    const own = { office, role, tail: this.#tail, hold: 'none' } as const;
    const known = this.log.filter(({ event }) => event.id === submission.eventId);
    const waiting = this.#waiting((held) => held.event);
    const plan = planAppend({ ...this.#view(), ...own, known, waiting }, [submission], this.ports);
    this.#tail = plan.tail;
    this.log.push(...plan.events);
    this.held.push(...plan.events.map((logged) => ({ ...logged, status: 'applied' as const })));
    this.#keep(plan);
    return plan.outcomes[0]!;
  }

  /** Takes events over as a ledger does: what is held already is passed over. */
  takes(events: readonly LoggedEvent[]): void {
    const known = new Set(this.held.map(({ event }) => dotName(event)));
    const fresh = events.filter(({ event }) => event.office !== this.office && !known.has(dotName(event)));
    const waiting = this.#waiting(({ event, status, position }): WaitingEvent => {
      return { event, position, status: status === 'quarantined' ? status : 'parked' };
    });
    const plan = planApply({ ...this.#view(), headOffice: 'head', waiting }, fresh, this.ports);
    for (const held of this.held) if (plan.released.includes(held.position)) held.status = 'applied';
    this.held.push(...plan.accepted);
    this.#keep(plan);
  }

  /** What waits, once more: the datasets may have changed since. */
  judgesAgain(): void {
    for (let before = Infinity; this.waiting.length < before;) {
      const { waiting } = this;
      before = waiting.length;
      for (const held of waiting) this.held.splice(this.held.indexOf(held), 1);
      this.takes(waiting);
    }
  }

  #view() {
    const { entities } = this;
    const applied = this.held.filter(({ status }) => status === 'applied').map(({ event }) => event);
    const history = (name: string) => applied.filter((event) => entityName(event) === name);
    const openCases = new Map(this.openCases.map((open) => [entityName(open), open]));
    return {
      entities,
      openCases,
      history,
      position: this.#position,
      at: this.#at,
      datasetNamed: this.datasets.named,
    };
  }

  #waiting<T extends DomainEvent | WaitingEvent>(as: (held: Held) => T): Map<string, T[]> {
    const byName = Map.groupBy(this.waiting, ({ event }) => entityName(event));
    return new Map([...byName].map(([name, held]) => [name, held.map(as)]));
  }

  #keep({ position, at, changes, cases, digests }: Folded): void {
    this.#position = position;
    this.#at = at;
    for (const { name, after } of changes) this.entities.set(name, after);
    for (const conflict of cases) this.cases.set(conflict.id, conflict);
    for (const { dataset, scope, bucket, ...sums } of digests) {
      const name = `${dataset}/${scope}/${bucket}`;
      const [count, events, state] = this.digests.get(name) ?? [0, 0n, 0n];
      const added = [addModulo(events, sums.events), addModulo(state, sums.state)] as const;
      this.digests.set(name, [count + sums.count, ...added]);
    }
  }
}
