import { sales } from '../../domain/datasets/sales.ts';
import { foldKnown } from '../../domain/projections/known-entity.ts';
import { LateChanges } from '../../domain/projections/moment.ts';
import { encodeState, presentRow } from '../../domain/office/present.ts';
import { differenceOfEntities } from '../../mixins/projections/compare.ts';
import type { EntityHistory, EntityPage } from '../../mixins/store/projections/known-events.ts';
import type { ProjectionStore, StoredEntity } from '../../mixins/store/projections/projection-store.ts';
import { LogWriter } from '../contract/store-fixtures.ts';

const SALES = 20;
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
    const difference = await differenceOfEntities(store, target, 'west', { page, after: '' });
    clearImmediate(handle);
    expect(difference).toBe(null);
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
