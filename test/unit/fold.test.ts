import { EMPTY_CLOCK } from '../../domain/clock.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { type DomainEvent, entityName } from '../../domain/event.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { Fold, type FoldView, waitsBehind } from '../../domain/office/fold.ts';
import { winningValues } from '../../domain/office/present.ts';
import { OfficeLog } from './sync-log.ts';
import { testHasher } from './test-hasher.ts';

const KEY = { dataset: 'sales', scope: 'west', entityId: 'a' };
const NAME = entityName(KEY);

function view(changes: Partial<FoldView> = {}): FoldView {
  return {
    entities: new Map(),
    openCases: new Map(),
    history: () => [],
    datasetNamed: BUILT_IN.named,
    ...changes,
  };
}

const holding = (state: EntityState | null, history: readonly DomainEvent[] = []): FoldView =>
  view({ entities: new Map(state === null ? [] : [[NAME, state]]), history: () => history });

/** A sale of west's, and what west and the head each make of it without the other. */
function story() {
  const [west, head] = [new OfficeLog('west'), new OfficeLog('head')];
  const recorded = west.records('a').event;
  const byWest = west.amends('a', { qty: 5 }, { 'west@1': 1 }).event;
  const byHead = head.writes({
    ...KEY,
    type: 'SaleAmended',
    data: { qty: 6 },
    clock: { 'west@1': 1, 'head@1': 1 },
  }).event;
  const seen = { 'west@1': 2, 'head@1': 1 };
  const mended = west.writes({ ...KEY, type: 'SaleAmended', data: { qty: 7 } }, seen).event;
  return { recorded, byWest, byHead, mended };
}

function folded(base: FoldView, ...events: DomainEvent[]): Fold {
  const fold = new Fold(base, testHasher);
  events.forEach((event) => fold.apply(event));
  return fold;
}

describe('a fold', () => {
  it('gives one change for each entity, from what was stored to what is now', () => {
    const { recorded, byWest } = story();
    const stored = evolve(null, recorded);
    expect(folded(holding(stored), byWest).changes()).toEqual([
      { name: NAME, before: stored, after: evolve(stored, byWest) },
    ]);
  });

  it('goes from nothing for a new entity, whatever the number of its events', () => {
    const { recorded, byWest } = story();
    const [change, ...others] = folded(view(), recorded, byWest).changes();
    expect(others).toEqual([]);
    expect(change).toMatchObject({ before: null, after: { clock: { 'west@1': 2 } } });
  });

  it('shows each event what the one before it made', () => {
    const { recorded, byWest } = story();
    const fold = folded(view(), recorded);
    expect(fold.hasCausesOf(byWest)).toBe(true);
    expect(winningValues(fold.stateOf(KEY)!)).toMatchObject({ qty: 73 });
    fold.apply(byWest);
    expect(winningValues(fold.stateOf(KEY)!)).toMatchObject({ qty: 5 });
  });

  it('keeps entities apart', () => {
    const fold = folded(view(), story().recorded);
    expect(fold.stateOf({ ...KEY, entityId: 'a ' })).toBeNull();
    expect(fold.stateOf({ ...KEY, scope: 'shared' })).toBeNull();
  });

  it('knows what is missing', () => {
    const { byHead } = story();
    expect(new Fold(view(), testHasher).hasCausesOf(byHead)).toBe(false);
    expect(
      new Fold(view(), testHasher).hasCausesOf({ ...byHead, clock: { ...EMPTY_CLOCK, 'head@1': 1 } }),
    ).toBe(true);
  });
});

describe('the cases of a fold', () => {
  it('take as their base what came in the same fold, too', () => {
    const { recorded, byWest, byHead, mended } = story();
    const later = { ...byHead, seq: 2, clock: { 'west@1': 2, 'head@1': 2 } };
    const fold = folded(view(), recorded, byWest, later, mended);
    expect(fold.changedCases()).toMatchObject([{ base: { qty: 5 }, fields: ['qty'] }]);
  });

  it('are none while every event has seen what is here', () => {
    const { recorded, byWest } = story();
    const history = () => {
      throw new Error('nobody needs it');
    };
    expect(folded(view({ history }), recorded, byWest).changedCases()).toEqual([]);
  });

  it('open with the first dispute', () => {
    const { recorded, byWest, byHead } = story();
    const [opened] = folded(view(), recorded, byWest, byHead).changedCases();
    expect(opened).toMatchObject({ ...KEY, status: 'open', fields: ['qty'], base: { qty: 73 } });
    expect(opened!.contenders.map(({ office, values }) => [office, values])).toEqual([
      ['head', { qty: 6 }],
      ['west', { qty: 5 }],
    ]);
  });

  it('take their base from the history that is stored', () => {
    const { recorded, byWest, byHead } = story();
    const stored = evolve(evolve(null, recorded), byWest);
    const [opened] = folded(holding(stored, [recorded, byWest]), byHead).changedCases();
    expect(opened).toMatchObject({ base: { qty: 73 } });
  });

  it('that open and settle in one fold are one, settled', () => {
    const { recorded, byWest, byHead, mended } = story();
    const fold = folded(view(), recorded, byWest, byHead, mended);
    expect(fold.changedCases()).toMatchObject([
      { status: 'settled', rulings: [{ kind: 'edited', by: { seq: 3 } }] },
    ]);
    expect(fold.openCaseOf(KEY)).toBeNull();
  });

  it('that were open before are settled, not opened again', () => {
    const { recorded, byWest, byHead, mended } = story();
    const before = folded(view(), recorded, byWest, byHead);
    const open = before.changedCases()[0]!;
    const stored = view({
      entities: new Map([[NAME, before.stateOf(KEY)!]]),
      openCases: new Map<string, ConflictCase>([[NAME, open]]),
    });
    expect(folded(stored, mended).changedCases()).toMatchObject([{ id: open.id, status: 'settled' }]);
  });

  it('are the same at offices that heard the two sides in another order', () => {
    const { recorded, byWest, byHead } = story();
    const [one] = folded(view(), recorded, byWest, byHead).changedCases();
    const [other] = folded(view(), recorded, byHead, byWest).changedCases();
    expect({ ...other, openedAt: one!.openedAt }).toEqual(one);
  });
});

describe('an event waits behind another', () => {
  const dot = (office: string, epoch: number, seq: number) => ({ office, epoch, seq }) as DomainEvent;

  it.each([
    ['an earlier one of its life', dot('west', 1, 4), true],
    ['a later one of its life', dot('west', 1, 6), false],
    ['itself', dot('west', 1, 5), false],
    ['another life', dot('west', 2, 4), false],
    ['another office', dot('east', 1, 4), false],
  ])('if that is %s', (_, other, waits) => {
    expect(waitsBehind(dot('west', 1, 5), [other])).toBe(waits);
  });
});
