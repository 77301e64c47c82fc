import { sales } from '../../domain/datasets/sales.ts';
import type { DomainEvent } from '../../domain/event.ts';
import { LateChanges } from '../../domain/projections/moment.ts';
import { salesByDay } from '../../domain/projections/sales-by-day.ts';
import { Sums } from '../../domain/projections/sums.ts';
import { pairOf } from '../../mixins/projections/pairs.ts';

const KEY = { dataset: 'sales', scope: 'head', entityId: 'a' } as const;
const recorded: DomainEvent = {
  ...KEY,
  id: '1',
  office: 'head',
  epoch: 1,
  seq: 1,
  version: 1,
  actor: 'anna',
  at: '2026-04-01T00:00:00.000Z/0000',
  clock: { 'head@1': 1 },
  type: 'SaleRecorded',
  data: { soldOn: '2026-04-01', product: 'Paper', region: 'West', qty: 2, cost: '3', tax: '1' },
};
const unreadable: DomainEvent = {
  ...recorded,
  id: '2',
  seq: 2,
  clock: { 'head@1': 2 },
  type: 'SaleAmended',
  data: { cost: 'three' },
};
const late = (change: 'applied' | 'set-aside') =>
  new LateChanges([{ ...KEY, no: 1, atPosition: 2, position: 2, change }]);
const [earlier, later] = [
  { position: 2, lateNo: 0 },
  { position: 2, lateNo: 1 },
];

function pairAfter(change: 'applied' | 'set-aside') {
  const events = [
    { position: 1, isApplied: true, event: recorded },
    { position: 2, isApplied: change === 'applied', event: unreadable },
  ];
  return pairOf(sales, { key: KEY, events, late: late(change) }, earlier, later, null);
}

describe('an entity that cannot be folded', () => {
  it('is taken in when what changed late has mended it', () => {
    const pair = pairAfter('set-aside');
    expect(pair).toMatchObject({ before: null, after: { row: { values: { qty: 2, amount: '6' } } } });
    expect(pair.failure).toBeUndefined();
    const sums = new Sums(salesByDay);
    sums.follow({ key: KEY, before: null, after: pair.after!.row }, true);
    expect(sums.changes).toMatchObject([{ key: ['head', '2026-04-01'], count: 1 }]);
    expect(sums.mended).toEqual([KEY]);
  });

  it('is taken back as it was before what changed late', () => {
    const pair = pairAfter('applied');
    expect(pair).toMatchObject({ before: { row: { values: { qty: 2 } } }, after: null });
    expect(pair.failure).toBeInstanceOf(Error);
  });
});
