import { decodeEvent } from '../../domain/canonical.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import { planApply } from '../../domain/sync/apply.ts';
import { Office, PORTS } from './apply-office.ts';
import { OfficeLog } from './sync-log.ts';

const KEY = { dataset: 'stock', scope: 'west', entityId: 'paper' };
const BEGIN = 1_000_000;

/** The event, with the number of times that anything of it was looked at. */
function watched(logged: LoggedEvent, looks: { number: number }): LoggedEvent {
  const event = new Proxy(decodeEvent(logged.bytes), {
    get: (target, name, receiver) => {
      looks.number += 1;
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  return { ...logged, event };
}

/** West sold pieces one by one for a day, while the head, without hearing of it, took ten away. */
function dispute(sales: number) {
  const [west, head, looks] = [new OfficeLog('west'), new OfficeLog('head'), { number: 0 }];
  const office = new Office();
  const amends = { ...KEY, type: 'StockAmended' };
  office.applies(
    west.writes({ ...KEY, type: 'StockRecorded', data: { product: 'paper', quantity: BEGIN } }),
    head.writes({ ...amends, data: { quantity: BEGIN - 10 } }, { 'west@1': 1 }),
  );
  const events = Array.from({ length: sales }, (_, index) =>
    watched(west.writes({ ...amends, data: { quantity: BEGIN - 1 - index } }), looks),
  );
  const { cases } = planApply(office.view(), events, PORTS);
  return { cases, looks: looks.number / sales };
}

describe('a dispute over a count that was changed thousands of times', () => {
  it('knows what both sides have in common, and what they come to', () => {
    const { cases } = dispute(50);
    expect(cases).toMatchObject([
      {
        status: 'open',
        fields: ['quantity'],
        base: { quantity: BEGIN },
        totals: { quantity: BEGIN - 60 },
        contenders: [{ office: 'head' }, { office: 'west', values: { quantity: BEGIN - 50 } }],
      },
    ]);
  });

  it('takes no longer for each of them than one over a few', () => {
    const [few, many] = [dispute(100), dispute(5_000)];
    expect(many.cases[0]!.totals).toEqual({ quantity: BEGIN - 5_010 });
    expect(many.looks).toBeLessThan(1.5 * few.looks);
  });
});
