import fc from 'fast-check';
import type { ChainPoint } from '../../domain/chain.ts';
import { lifeOf, type VectorClock } from '../../domain/clock.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { entityName, type LoggedEvent } from '../../domain/event.ts';
import type { Fork } from '../../domain/sync/fork.ts';
import { OfficeLog } from './sync-log.ts';

/** One life of an office: what it knows of each sale, and what it has of the head's. */
export class Life {
  readonly log: OfficeLog;
  readonly #known = new Map<string, VectorClock>();

  constructor(shared: OfficeLog, known: Life | null = null) {
    this.log = new OfficeLog('west', shared.end);
    if (known) this.#known = new Map(known.#known);
  }

  writes(sale: string, epoch = this.log.end.epoch): LoggedEvent {
    const clock = this.#known.get(sale) ?? {};
    const type = this.#known.has(sale) ? 'SaleAmended' : 'SaleRecorded';
    const dot = { office: 'west', epoch, seq: this.log.end.seq + 1 };
    const next = { ...clock, [lifeOf(dot)]: dot.seq };
    this.#known.set(sale, next);
    return this.log.writes({ entityId: sale, type, epoch, clock: next });
  }

  /** The head amends the sale, and this life hears of it. */
  hears(sale: string, seq: number): void {
    this.#known.set(sale, { ...this.#known.get(sale), 'head@1': seq });
  }
}

type Step = { sale: string; heard: boolean };
export const stepsOf = fc.array(fc.record({ sale: fc.constantFrom('a', 'b'), heard: fc.boolean() }), {
  maxLength: 6,
});

export function lives(life: Life, steps: readonly Step[], heads: { seq: number }): LoggedEvent[] {
  for (const { sale, heard } of steps) {
    if (heard) life.hears(sale, ++heads.seq);
    life.writes(sale);
  }
  return life.log.events;
}

/** A shared history, and two that followed it. */
export function fork(
  shared: readonly Step[],
  accepted: readonly Step[],
  diverging: readonly Step[],
): Fork & { shared: LoggedEvent[] } {
  const heads = { seq: 0 };
  const before = new Life(new OfficeLog('west'));
  lives(before, shared, heads);
  const tail = lives(new Life(before.log, before), accepted, heads);
  const other = lives(new Life(before.log, before), diverging, heads);
  return forkOf(before.log, tail, other);
}

export function forkOf(
  before: OfficeLog,
  tail: LoggedEvent[],
  diverging: LoggedEvent[],
  epoch = 2,
): Fork & { shared: LoggedEvent[] } {
  const end = endOf(tail, before.end);
  const lastSharedSeq = (entity: string, life: string) =>
    Math.max(
      0,
      ...before.events
        .filter(({ event }) => entityName(event) === entity && lifeOf(event) === life)
        .map(({ event }) => event.seq),
    );
  const counts = { recounted: new Map(), datasetNamed: BUILT_IN.named };
  const commonSeq = before.end.seq;
  return { shared: before.events, commonSeq, tail, diverging, end, epoch, lastSharedSeq, ...counts };
}

export function endOf(events: readonly LoggedEvent[], otherwise: ChainPoint): ChainPoint {
  const last = events.at(-1);
  return last === undefined ? otherwise : { epoch: last.event.epoch, seq: last.event.seq, hash: last.hash };
}
