import type { VectorClock } from '../../domain/clock.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { type DomainEvent, entityName, type LoggedEvent } from '../../domain/event.ts';
import { START_OF_TIME } from '../../domain/hlc.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { encodeState, winningValues } from '../../domain/office/present.ts';
import { addModulo } from '../../domain/projections/digest.ts';
import { type ApplyPlan, type ApplyView, planApply, type WaitingEvent } from '../../domain/sync/apply.ts';
import { TestPorts } from './sync-ports.ts';

export const PORTS = new TestPorts();

/** A database in memory: what plans are made from, and where they go. */
export class Office {
  readonly entities = new Map<string, EntityState>();
  readonly applied: DomainEvent[] = [];
  readonly digests = new Map<string, bigint[]>();
  waiting: (WaitingEvent & { reason: string | null })[] = [];
  position = 0;
  at = START_OF_TIME;

  discarded = new Set<string>();
  setAside = new Map<string, VectorClock>();

  view(): ApplyView {
    const waiting = Map.groupBy(this.waiting, ({ event }) => entityName(event));
    const history = (name: string) => this.applied.filter((event) => entityName(event) === name);
    const { entities, position, at } = this;
    return {
      entities,
      openCases: new Map(),
      history,
      position,
      at,
      headOffice: 'head',
      waiting,
      datasetNamed: BUILT_IN.named,
      discarded: this.discarded,
      setAside: this.setAside,
    };
  }

  applies(...events: LoggedEvent[]): ApplyPlan {
    const plan = planApply(this.view(), events, PORTS);
    this.position = plan.position;
    this.at = plan.at;
    const released = this.waiting.filter(({ position }) => plan.released.includes(position));
    this.waiting = this.waiting.filter((waiting) => !released.includes(waiting));
    for (const { status, reason, position, event } of plan.accepted) {
      if (status === 'applied') this.applied.push(event);
      else if (status !== 'discarded') this.waiting.push({ status, reason, position, event });
    }
    this.applied.push(...released.map(({ event }) => event));
    for (const { name, after } of plan.changes) this.entities.set(name, after);
    for (const { dataset, scope, bucket, ...sums } of plan.digests) {
      const name = `${dataset}/${scope}/${bucket}`;
      const [count = 0n, events = 0n, state = 0n] = this.digests.get(name) ?? [];
      this.digests.set(name, [
        count + BigInt(sums.count),
        addModulo(events, sums.events),
        addModulo(state, sums.state),
      ]);
    }
    return plan;
  }

  qty(entityId: string): unknown {
    const state = this.entities.get(entityName({ dataset: 'sales', scope: 'west', entityId }));
    return state === undefined ? null : winningValues(state)['qty'];
  }

  shape(): unknown {
    return [
      [...this.entities.values()].map(encodeState).sort(),
      [...this.digests].sort(([a], [b]) => (a < b ? -1 : 1)),
    ];
  }
}

export const statuses = (plan: ApplyPlan) =>
  plan.accepted.map(({ status, reason }) => (reason === null ? status : `${status}: ${reason}`));
