import fc from 'fast-check';
import { standingContenders } from '../../domain/conflict/cases.ts';
import { disputedFields } from '../../domain/conflict/detect.ts';
import { ruleByHand } from '../../domain/conflict/resolve-by-hand.ts';
import { resolutionEventId, ruleOn } from '../../domain/conflict/rule.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { dotName, dotOf, entityKeyOf, type EntityKey, type LoggedEvent } from '../../domain/event.ts';
import { entityName } from '../../domain/event.ts';
import type { Command } from '../../domain/office/commands.ts';
import { encodeState } from '../../domain/office/present.ts';
import { isFedTo } from '../../domain/sync/feeder.ts';
import { OfficeInMemory } from './office-in-memory.ts';
import { type Ask, asks, SALE } from './story.ts';
import { newId } from './sync-log.ts';

/** What happens in a world of a head and two branches. */
type Act =
  | {
      readonly do: 'work';
      readonly who: number;
      readonly sale: number;
      readonly ask: Ask;
      readonly ms: number;
    }
  | { readonly do: 'up' | 'down'; readonly who: number; readonly count: number }
  | { readonly do: 'rule'; readonly byHand: boolean; readonly pick: number };

const branch = fc.integer({ min: 1, max: 2 });
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('work' as const),
        who: fc.nat(2),
        sale: fc.nat(2),
        ask: asks,
        ms: fc.integer({ min: -2_000, max: 2_000 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('up' as const, 'down' as const),
        who: branch,
        count: fc.nat(4),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('rule' as const), byHand: fc.boolean(), pick: fc.nat() }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

const SALES: readonly EntityKey[] = ['west', 'east', 'west'].map((scope, index) => ({
  dataset: 'sales',
  scope,
  entityId: `sale-${index}`,
}));

class OfficeWorld {
  readonly head = new OfficeInMemory('head');
  readonly branches = [new OfficeInMemory('west'), new OfficeInMemory('east')];
  readonly #sent = new Map<OfficeInMemory, number>();
  readonly #fed = new Map<OfficeInMemory, number>();

  /** Every sale is recorded by its owner, and known at the head. */
  begin(): void {
    for (const [sale, { scope }] of SALES.entries()) {
      const who = 1 + this.branches.findIndex(({ office }) => office === scope);
      this.#work({ do: 'work', who, sale, ask: { type: 'record', fields: SALE }, ms: 0 });
    }
    for (const one of this.branches) this.up(one);
  }

  act(act: Act): void {
    switch (act.do) {
      case 'work':
        return this.#work(act);
      case 'up':
        return this.up(this.branches[act.who - 1]!, act.count);
      case 'down':
        return this.down(this.branches[act.who - 1]!, act.count);
      case 'rule': {
        const open = this.head.openCases;
        return open.length === 0 ? undefined : this.rule(open[act.pick % open.length]!, act.byHand);
      }
    }
  }

  /** Everybody learns everything, and the head rules on all that its policies cover. */
  settle(): void {
    for (let round = 0; round < 10; round++) {
      for (const one of this.branches) this.up(one);
      const written = this.head.log.length;
      for (const open of this.head.openCases) this.rule(open, false);
      for (const one of this.branches) this.down(one);
      if (this.head.log.length === written) return;
    }
    throw new Error('the head does not come to an end with ruling');
  }

  up(from: OfficeInMemory, count = Infinity): void {
    const sent = this.#sent.get(from) ?? 0;
    const batch = from.log.slice(Math.max(0, sent - 1), sent + count); // the last one comes twice
    this.head.takes(batch);
    this.#sent.set(from, Math.min(from.log.length, sent + count));
  }

  down(to: OfficeInMemory, count = Infinity): void {
    const fed = this.#fed.get(to) ?? 0;
    const feed = this.head.log.filter(({ event }) => isFedTo(to.office, 'head', event));
    to.takes(feed.slice(Math.max(0, fed - 1), fed + count));
    this.#fed.set(to, Math.min(feed.length, fed + count));
  }

  /** By two nodes at once, which makes no difference. */
  rule(open: ConflictCase, byHand: boolean): void {
    const ruled = byHand ? this.#choose(open) : ruleOn(open, sales, 'head');
    if (Object.keys(ruled.writes).length === 0) return;
    const command: Command = {
      type: 'resolve',
      ...entityKeyOf(open),
      caseId: open.id,
      contenders: standingContenders(open).map(dotOf),
      writes: ruled.writes,
      policies: ruled.policies,
      policyVersion: 1,
      decision: byHand ? 'manual' : 'automatic',
      base: open.base,
    };
    const eventId = resolutionEventId(open, 1, this.head.ports);
    expect(this.head.submit({ command, actor: 'resolver', eventId, isFixed: true })).toMatchObject({
      ok: true,
      replayed: false,
    });
    expect(this.head.submit({ command, actor: 'resolver', eventId, isFixed: true })).toMatchObject({
      ok: true,
      replayed: true,
    });
  }

  #choose(open: ConflictCase) {
    const side = standingContenders(open)[0]!;
    const other = (field: string) =>
      field === '$status' ? 'live' : (SALE as Record<string, unknown>)[field];
    return ruleByHand(open, sales, {
      values: Object.fromEntries(open.fields.map((field) => [field, side.values[field] ?? other(field)])),
    });
  }

  /** What an office may not do is not done. */
  #work({ who, sale, ask, ms }: Extract<Act, { do: 'work' }>): void {
    const office = [this.head, ...this.branches][who]!;
    office.ports.pass(ms);
    office.submit({ command: { ...SALES[sale]!, ...ask } as Command, actor: 'anna', eventId: newId() });
  }
}

function played(history: readonly Act[]): OfficeWorld {
  const world = new OfficeWorld();
  if (history.length % 4 > 0) world.begin();
  history.forEach((act) => world.act(act));
  world.settle();
  return world;
}

/** Who says what about the fields in dispute; what a side had said about others is evidence of the way there. */
function sidesOf(one: ConflictCase) {
  const sides = standingContenders(one).map(
    (side) => [dotName(side), pick(side.values, one.fields)] as const,
  );
  return sides.sort(([a], [b]) => (a < b ? -1 : 1));
}

function pick(values: ConflictCase['base'], fields: readonly string[]) {
  return fields.map((field) => values[field] ?? null);
}

/** All that an office knows of a scope, in a form that is equal for equal knowledge. */
function knowledge(office: OfficeInMemory, scope: string) {
  const states = [...office.entities.values()].filter(
    (state) => state.scope === scope && state.dataset === 'sales',
  );
  const open = office.openCases.filter((one) => one.scope === scope);
  return {
    states: states.map(encodeState).sort(),
    open: open
      .map((one) => ({
        sale: entityName(one),
        fields: one.fields,
        base: pick(one.base, one.fields),
        sides: sidesOf(one),
      }))
      .sort((a, b) => (a.sale < b.sale ? -1 : 1)),
    digests: [...office.digests]
      .filter(([name]) => name.startsWith(`sales/${scope}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    waiting: office.waiting.filter(({ event }) => event.scope === scope).map(({ event }) => dotName(event)),
  };
}

/** Every author's log in order, otherwise as `picks` has it, cut into runs, some of it twice. */
function shuffled(logs: readonly (readonly LoggedEvent[])[], picks: readonly number[]): LoggedEvent[][] {
  const rest = logs.map((log) => [...log]);
  const runs: LoggedEvent[][] = [];
  for (let turn = 0; rest.some((log) => log.length > 0); turn++) {
    const pick = picks[turn % picks.length]!;
    const ready = rest.filter((log) => log.length > 0);
    const run = ready[pick % ready.length]!.splice(0, 1 + (pick % 5));
    runs.push(pick % 3 === 0 ? [...(runs.at(-1) ?? []), ...run] : run);
  }
  return runs;
}

describe('a head and two branches, whatever they do and whenever they hear of it', () => {
  const RUNS = { numRuns: 200 };

  it('hold the same of what both know: states, open cases and digests, and nothing waits', () => {
    fc.assert(
      fc.property(acts, (history) => {
        const { head, branches } = played(history);
        for (const one of branches) expect(knowledge(one, one.office)).toEqual(knowledge(head, one.office));
        expect(head.waiting).toEqual([]);
      }),
      RUNS,
    );
  });

  it('have one open case for each entity in dispute, and leave none open but for a person', () => {
    fc.assert(
      fc.property(acts, (history) => {
        const { head, branches } = played(history);
        for (const office of [head, ...branches]) {
          const disputed = [...office.entities.values()].filter((state) => disputedFields(state).length > 0);
          expect(office.openCases.map(entityName).sort()).toEqual(disputed.map(entityName).sort());
        }
        for (const open of head.openCases)
          expect(open.fields.filter((field) => field !== 'cost' && field !== 'tax')).toEqual([]);
      }),
      RUNS,
    );
  });

  it('are understood alike by whoever gets their logs, in whatever order and however often', () => {
    fc.assert(
      fc.property(acts, fc.array(fc.nat(30), { minLength: 1, maxLength: 20 }), (history, picks) => {
        const { head, branches } = played(history);
        const watcher = new OfficeInMemory('watcher');
        for (const run of shuffled([head.log, ...branches.map(({ log }) => log)], picks)) watcher.takes(run);
        for (const { office } of branches)
          expect(knowledge(watcher, office)).toEqual(knowledge(head, office));
        expect(watcher.waiting).toEqual([]);
      }),
      RUNS,
    );
  });
});
