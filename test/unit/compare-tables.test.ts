import type { DatasetRow } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { foldKnown } from '../../domain/projections/known-entity.ts';
import { LateChanges } from '../../domain/projections/moment.ts';
import { encodeState, presentRow } from '../../domain/office/present.ts';
import { compareEntities } from '../../mixins/projections/compare.ts';
import type { EntityHistory, EntityPage } from '../../mixins/store/projections/known-events.ts';
import type { ProjectionStore, StoredEntity } from '../../mixins/store/projections/projection-store.ts';
import { LogWriter } from '../contract/store-fixtures.ts';

const SALES = 20;
const WEST = { scope: 'west', after: '', mostRows: 100 } as const;
const FIELDS = { soldOn: '2026-04-01', product: 'Paper', region: 'West', qty: 1, cost: '1', tax: '0' };

function history(log: LogWriter, seq: number): EntityHistory {
  const of = { dataset: 'sales', entityId: `sale-${String(seq).padStart(2, '0')}`, type: 'SaleRecorded' };
  const { event, position } = log.event({ office: 'west', seq, ...of, data: FIELDS }, seq);
  const key = { dataset: 'sales', scope: 'west', entityId: event.entityId };
  return { key, events: [{ position, isApplied: true, event }], late: new LateChanges([]) };
}

function storedOf({ events }: EntityHistory): StoredEntity {
  const state = foldKnown(events.map(({ event }) => event))!;
  return { row: presentRow(sales, state), state: encodeState(state) };
}

describe('a page of a table that is held against the log', () => {
  it.each<[string, (row: DatasetRow) => Partial<DatasetRow>]>([
    ['a value', ({ values }) => ({ values: { ...values, qty: 2 } })],
    ['a value less', ({ values: { qty: _, ...rest } }) => ({ values: rest })],
    ['a value more', ({ values }) => ({ values: { ...values, colour: 'red' } })],
    ['a time', () => ({ deletedAt: '2026-04-01T12:00:00.000Z' })],
    ['a flag', () => ({ conflicted: true })],
  ])('shows the row of which %s was changed', async (_, change) => {
    const log = new LogWriter();
    const histories = [1, 2, 3].map((seq) => history(log, seq));
    const stored = histories.map(storedOf);
    const changed = { ...stored[1]!, row: { ...stored[1]!.row, ...change(stored[1]!.row) } };
    const store = {
      storedEntities: async () => [stored[0], changed, stored[2]],
      storedEntity: async () => changed,
      histories: async () => [histories[1]],
      withLog: (work: () => Promise<unknown>) => work(),
    } as unknown as ProjectionStore;
    const target = { kind: 'rows', dataset: sales, table: 'sales' } as const;
    const page: EntityPage = { histories, count: 3, next: null };
    const { difference } = await compareEntities(store, target, { ...WEST, page });
    expect(difference).toEqual({
      key: { office: 'west', id: 'sale-02' },
      table: changed.row,
      expected: stored[1]!.row,
    });
  });

  it('is folded and compared in slices: others have a turn', async () => {
    const log = new LogWriter();
    const histories = Array.from({ length: SALES }, (_, index) => history(log, index + 1));
    const page: EntityPage = { histories, count: SALES, next: null };
    const stored = histories.map(storedOf);
    const store = { storedEntities: async () => stored } as unknown as ProjectionStore;
    let turns = 0;
    let handle = setImmediate(function again() {
      turns += 1;
      handle = setImmediate(again);
    });
    const slow = { ...sales, computed: { ...sales.computed, amount: slowly(sales.computed['amount']!) } };
    const target = { kind: 'rows', dataset: slow, table: 'sales' } as const;
    const compared = await compareEntities(store, target, { ...WEST, page });
    clearImmediate(handle);
    expect(compared).toEqual({ difference: null, reached: null });
    expect(turns).toBeGreaterThan(1);
  });
});

type Computed = (typeof sales.computed)[string];

function slowly(computed: Computed): Computed {
  return {
    ...computed,
    compute: (values) => {
      const endMs = performance.now() + 2;
      while (performance.now() < endMs);
      return computed.compute(values);
    },
  };
}
