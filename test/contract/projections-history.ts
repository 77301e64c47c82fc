import { Big } from 'big.js';
import fc from 'fast-check';
import { encodeEvent } from '../../domain/canonical.ts';
import { ZERO_HASH } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { DatasetRow } from '../../domain/datasets/dataset.ts';
import { standingContenders } from '../../domain/conflict/cases.ts';
import { ruleByHand } from '../../domain/conflict/resolve-by-hand.ts';
import { STATUS_FIELD } from '../../domain/office/entity-state.ts';
import { type DomainEvent, dotOf, entityName } from '../../domain/event.ts';
import { presentRow, statusOf } from '../../domain/office/present.ts';
import type { DatabaseStore } from '../../mixins/store/create-store.ts';
import type { EventStatus } from '../../mixins/store/store.ts';
import { allEvents, foldAll, inCausalOrder, play, SALE, type Step, type Teller } from '../unit/story.ts';

export type Act =
  | { readonly do: 'accept'; readonly pick: number; readonly status: EventStatus }
  | { readonly do: 'judge'; readonly pick: number; readonly status: EventStatus }
  | { readonly do: 'displace'; readonly pick: number }
  | { readonly do: 'follow'; readonly limit: number };

const status = fc.constantFrom<EventStatus>('applied', 'applied', 'applied', 'parked', 'quarantined');
export const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('accept' as const), pick: fc.nat(), status }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('judge' as const),
        pick: fc.nat(),
        status: fc.constantFrom<EventStatus>('applied', 'parked', 'discarded'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('displace' as const), pick: fc.nat() }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('follow' as const), limit: fc.integer({ min: 1, max: 6 }) }),
    },
  ),
  { minLength: 10, maxLength: 60 },
);

/** The head rules on what is in dispute in the end, and somebody changes it once more. */
function overruled(tellers: readonly Teller[]): readonly Teller[] {
  const [owner, head] = [tellers[0]!, tellers[1]!];
  for (const teller of tellers) head.hearsAllFrom(teller);
  const open = head.openCase;
  if (open === null) return tellers;
  const [side] = standingContenders(open);
  const value = (field: string) =>
    side!.values[field] ?? (field === STATUS_FIELD ? 'live' : SALE[field as 'cost']);
  const values = Object.fromEntries(open.fields.map((field) => [field, value(field)]));
  const { writes, policies } = ruleByHand(open, sales, { values });
  const contenders = standingContenders(open).map(dotOf);
  head.does(
    { type: 'resolve', caseId: open.id, contenders, writes, policies, policyVersion: 1, decision: 'manual' },
    6,
  );
  owner.hearsAllFrom(head);
  if (statusOf(owner.state!) === 'live') owner.does({ type: 'amend', fields: { cost: '3' } }, 7);
  return tellers;
}

/** The story of each sale is told by offices of its own, so that their logs do not mix. */
export function eventsOf(stories: readonly (readonly Step[])[]): DomainEvent[] {
  return stories.flatMap((story, sale) =>
    allEvents(overruled(play(story))).map((event) => ({
      ...event,
      office: `${event.office}-${sale}`,
      scope: sale % 2 === 0 ? 'east' : 'west',
      entityId: `sale-${sale}`,
      clock: Object.fromEntries(
        Object.entries(event.clock).map(([life, seq]) => [life.replace('@', `-${sale}@`), seq]),
      ),
    })),
  );
}

interface Held {
  readonly event: DomainEvent;
  readonly position: number;
  status: EventStatus;
}

/** A log as the store is told of it, and what of it counts, noted beside it. */
export class History {
  readonly held: Held[] = [];
  /** What counted when the log had come there. */
  readonly counted = new Map<number, DomainEvent[]>();
  readonly #store: DatabaseStore;
  readonly #pending: DomainEvent[];
  #position = 0;

  constructor(store: DatabaseStore, events: readonly DomainEvent[]) {
    this.#store = store;
    this.#pending = [...events];
    this.#note();
  }

  get position(): number {
    return this.#position;
  }

  async accept(pick: number, status: EventStatus): Promise<void> {
    if (this.#pending.length === 0) return;
    const [event] = this.#pending.splice(pick % Math.min(3, this.#pending.length), 1);
    this.#position += 1;
    const position = this.#position;
    await this.#store.transaction(async (tx) => {
      const log = await tx.lockLog();
      await tx.insertEvents([
        { event: event!, bytes: encodeEvent(event!), hash: ZERO_HASH, position, status },
      ]);
      await tx.saveLog({ ...log, position });
    });
    this.held.push({ event: event!, position, status });
    this.#note();
  }

  async judge(pick: number, status: EventStatus): Promise<void> {
    const one = this.held[pick % Math.max(1, this.held.length)];
    if (one === undefined) return;
    await this.#store.transaction(async (tx) => {
      await tx.lockLog();
      await tx.setEventStatus([one.position], status);
    });
    one.status = status;
    this.#note();
  }

  async displace(pick: number): Promise<void> {
    const one = this.held[pick % Math.max(1, this.held.length)];
    if (one === undefined) return;
    const { office, seq } = one.event;
    await this.#store.transaction(async (tx) => {
      await tx.lockLog();
      await tx.displaceAfter(office, seq);
    });
    const stays = this.held.filter(({ event }) => event.office !== office || event.seq <= seq);
    this.held.splice(0, this.held.length, ...stays);
    this.#note();
  }

  #note(): void {
    const applied = this.held.filter((one) => one.status === 'applied');
    this.counted.set(
      this.#position,
      applied.map(({ event }) => event),
    );
  }
}

function rowsOf(events: readonly DomainEvent[]): DatasetRow[] {
  const byEntity = Map.groupBy(events, entityName);
  return [...byEntity.values()].map((own) => presentRow(sales, foldAll(inCausalOrder(own))!));
}

/** Each projection, written out once more, without the code under test. */
export function naive(events: readonly DomainEvent[]): Record<string, object[]> {
  const rows = rowsOf(events);
  const live = rows.filter((row) => row.deletedAt === null && row.values['soldOn'] !== null);
  const measured = (some: readonly DatasetRow[]) => {
    const sum = (field: string) =>
      some.reduce((total, row) => total.plus(Big(String(row.values[field]))), Big(0));
    const money = {
      amount: sum('amount').toFixed(),
      tax: sum('tax').toFixed(),
      total: sum('total').toFixed(),
    };
    return { count: some.length, qty: sum('qty').toNumber(), ...money };
  };
  const grouped = (
    some: readonly DatasetRow[],
    key: (row: DatasetRow) => object,
    sums: (rows: readonly DatasetRow[]) => object,
  ) =>
    [...Map.groupBy(some, (row) => JSON.stringify(key(row)))]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, own]) => ({ ...(JSON.parse(name) as object), ...sums(own) }));
  const activity = (some: readonly DatasetRow[]) => ({
    recorded: some.length,
    amended: some.filter(({ createdAt, updatedAt }) => updatedAt > createdAt).length,
    voided: some.filter(({ deletedAt }) => deletedAt !== null).length,
    conflicted: some.filter(({ conflicted }) => conflicted).length,
  });
  return {
    sales_by_day: grouped(live, (row) => ({ office: row.scope, soldOn: row.values['soldOn'] }), measured),
    sales_by_product: grouped(live, (row) => ({ product: row.values['product'] }), measured),
    sales_by_office: grouped(live, (row) => ({ office: row.scope }), measured),
    office_activity: grouped(
      rows,
      (row) => ({ office: row.scope, recordedOn: row.createdAt.slice(0, 10) }),
      activity,
    ),
  };
}
