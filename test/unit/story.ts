import fc from 'fast-check';
import { advanceClock, covers, EMPTY_CLOCK } from '../../domain/clock.ts';
import { trackCase, workedOut } from '../../domain/conflict/cases.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import { countedFields } from '../../domain/datasets/counted.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { dotName, sameDot, type DomainEvent, type EntityKey } from '../../domain/event.ts';
import { hybridTime } from '../../domain/hlc.ts';
import type { Command } from '../../domain/office/commands.ts';
import { decide } from '../../domain/office/decide.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { testHasher } from './test-hasher.ts';

export const KEY: EntityKey = { dataset: 'sales', scope: 'east', entityId: 'sale-1' };
export const SALE = {
  soldOn: '2026-04-01',
  product: 'Paper',
  region: 'East',
  qty: 73,
  cost: '12.95',
  tax: '66.17',
};

export type Ask<C extends Command = Command> = C extends Command ? Omit<C, keyof EntityKey> : never;
const NOON = Date.parse('2026-04-01T12:00:00.000Z');

/** One office in a story about one sale: it writes what it decides, and hears what others tell it. */
export class Teller {
  readonly life: { readonly office: string; readonly epoch: number };
  readonly events: DomainEvent[] = [];
  readonly cases: ConflictCase[] = [];
  state: EntityState | null = null;
  readonly dataset: Dataset;
  #seq = 0;

  constructor(office: string, epoch = 1, dataset: Dataset = sales) {
    this.life = { office, epoch };
    this.dataset = dataset;
  }

  get openCase(): ConflictCase | null {
    const last = this.cases.at(-1);
    return last?.status === 'open' ? last : null;
  }

  /** Null when the command changes nothing. */
  does(
    ask: Ask,
    minute = this.events.length,
    dataset: Dataset = this.dataset,
    settled: ConflictCase | null = null,
  ): DomainEvent | null {
    const command = { ...KEY, ...ask } as Command;
    const { office } = this.life;
    // Every teller is a head or the owner here: right to write is another test.
    const role = office === 'head' || office !== KEY.scope ? 'head' : 'branch';
    const decision = decide(command, this.state, { office, role, dataset, open: this.openCase, settled });
    if ('noChange' in decision) return null;
    const dot = { ...this.life, seq: ++this.#seq };
    const event: DomainEvent = {
      ...dot,
      ...KEY,
      ...decision.event,
      id: idOf(dotName(dot)),
      clock: advanceClock(this.state?.clock ?? EMPTY_CLOCK, dot),
      at: hybridTime(NOON + minute * 60_000, 0),
      actor: `someone at ${office}`,
    };
    this.hears(event);
    return event;
  }

  hears(event: DomainEvent): void {
    if (this.events.some((known) => sameDot(known, event))) return;
    const before = this.state;
    const after = evolve(before, event);
    this.state = after;
    this.events.push(event);
    const history = () => this.events;
    const counted = countedFields(this.dataset);
    const open = this.openCase;
    const followed = trackCase({ open, before, after, event, history, hasher: testHasher, counted });
    if (followed === null) return;
    const tracked = workedOut(followed, counted, history);
    if (this.openCase?.id === tracked.id) this.cases.pop();
    this.cases.push(tracked);
  }

  hearsAllFrom(other: Teller): void {
    for (const event of inCausalOrder(other.events)) this.hears(event);
  }
}

function idOf(name: string): string {
  const hex = [...testHasher.sha256(new TextEncoder().encode(name))].map((byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  const parts = [hex.slice(0, 4), hex.slice(4, 6), hex.slice(6, 8), hex.slice(8, 10), hex.slice(10, 16)];
  return parts.map((part) => part.join('')).join('-');
}

/** Causes before effects; of those that are ready, the one that `pick` names. */
export function inCausalOrder(
  events: readonly DomainEvent[],
  pick: (ready: number) => number = () => 0,
): DomainEvent[] {
  const waiting = [...events];
  const ordered: DomainEvent[] = [];
  while (waiting.length > 0) {
    const ready = waiting.filter(
      (event) => !waiting.some((other) => other !== event && covers(event.clock, other)),
    );
    const next = ready[pick(ready.length) % ready.length]!;
    waiting.splice(waiting.indexOf(next), 1);
    ordered.push(next);
  }
  return ordered;
}

export type Step =
  | { readonly who: number; readonly hears: number }
  | { readonly who: number; readonly does: Ask; readonly minute: number };

const amendments = fc.record(
  {
    qty: fc.integer({ min: 1, max: 3 }),
    cost: fc.constantFrom('1', '2'),
    product: fc.constantFrom('Paper', 'Pens'),
  },
  { requiredKeys: [] },
);
export const asks: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 4, arbitrary: amendments.map((fields): Ask => ({ type: 'amend', fields })) },
  { weight: 1, arbitrary: fc.constant<Ask>({ type: 'void' }) },
  { weight: 1, arbitrary: fc.constant<Ask>({ type: 'restore' }) },
  {
    weight: 1,
    arbitrary: amendments.map((fields): Ask => ({ type: 'record', fields: { ...SALE, ...fields } })),
  },
);

/** What two to four lives of offices do to one sale, and when they hear of each other. */
export const steps: fc.Arbitrary<Step[]> = fc.integer({ min: 2, max: 4 }).chain((lives) => {
  const who = fc.nat(lives - 1);
  return fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ who, does: asks, minute: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.record({ who, hears: who }) },
    ),
    { maxLength: 25 },
  );
});

/** Plays a story. What an office may not do is not done. The first life records the sale and tells it to all. */
export function play(story: readonly Step[], dataset: Dataset = sales): Teller[] {
  const tellers = [new Teller('east'), new Teller('head'), new Teller('west'), new Teller('east', 2)];
  tellers[0]!.does({ type: 'record', fields: SALE });
  if (story.length % 3 > 0) for (const teller of tellers) teller.hearsAllFrom(tellers[0]!);
  playOn(tellers, story, dataset);
  return tellers;
}

export function playOn(tellers: readonly Teller[], story: readonly Step[], dataset: Dataset = sales): void {
  for (const step of story) {
    const teller = tellers[step.who]!;
    if ('hears' in step) teller.hearsAllFrom(tellers[step.hears]!);
    else attempt(() => teller.does(step.does, step.minute, dataset));
  }
}

function attempt(run: () => unknown): void {
  try {
    run();
  } catch {
    // refused
  }
}

/** All events of all tellers, once each. */
export function allEvents(tellers: readonly Teller[]): DomainEvent[] {
  const events = new Map(tellers.flatMap((teller) => teller.events).map((event) => [dotName(event), event]));
  return inCausalOrder([...events.values()]);
}

export function foldAll(events: readonly DomainEvent[]): EntityState | null {
  return events.reduce<EntityState | null>(evolve, null);
}
