import { standingContenders, trackCase } from '../../domain/conflict/cases.ts';
import { ruleByHand } from '../../domain/conflict/resolve-by-hand.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { winningValues } from '../../domain/office/present.ts';
import { SALE, Teller } from './story.ts';
import { testHasher } from './test-hasher.ts';
import { amends, meet, offices, resolves, rulesAt } from './conflict-story.ts';

describe('a case', () => {
  it('opens with both sides and what both had seen', () => {
    const { east, head } = offices();
    amends(east, { cost: '13' }, 5);
    amends(head, { cost: '12' }, 3);
    meet(east, head);
    expect(east.openCase).toMatchObject({
      dataset: 'sales',
      scope: 'east',
      entityId: 'sale-1',
      status: 'open',
      settledAt: null,
      fields: ['cost'],
      base: { cost: '12.95' },
      contenders: [
        { office: 'head', epoch: 1, seq: 1, values: { cost: '12' }, actor: 'someone at head' },
        { office: 'east', epoch: 1, seq: 2, values: { cost: '13' }, actor: 'someone at east' },
      ],
      overruled: [],
      rulings: [],
    });
    expect(east.openCase!.openedAt).toBe('2026-04-01T12:05:00.000Z/0000');
    expect(head.openCase!.openedAt).toBe(east.openCase!.openedAt);
  });

  it('has the same name at both offices, and another for another dispute', () => {
    const { east, head } = offices();
    amends(east, { cost: '13' });
    amends(head, { cost: '12' });
    meet(east, head);
    const { id } = head.openCase!;
    expect(east.openCase!.id).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    head.does({ type: 'amend', fields: { cost: '12.5' } });
    amends(east, { cost: '13.5' });
    expect([head.openCase, east.openCase]).toEqual([null, null]);
    meet(east, head);
    expect(head.openCase!.id).not.toBe(id);
    expect(head.cases).toHaveLength(2);
  });

  it('takes the base from what all had seen, not from what one of them overwrote alone', () => {
    const { east, head } = offices();
    amends(east, { qty: 80 });
    meet(east, head);
    amends(east, { qty: 81 });
    amends(east, { qty: 82 });
    amends(head, { qty: 90 });
    meet(east, head);
    expect(head.openCase!.base).toEqual({ qty: 80 });
  });

  it('keeps whom another replaced, field by field, with the times of their writing', () => {
    const { east, head, west } = offices();
    amends(east, { qty: 5, tax: '1' }, 1);
    amends(head, { qty: 6, tax: '2' }, 2);
    head.hearsAllFrom(east);
    west.hearsAllFrom(east);
    const heardOf = (fields: Record<string, unknown>, minute: number) => {
      amends(west, fields, minute);
      head.hearsAllFrom(west);
      return head.openCase!;
    };
    const at = '2026-04-01T12:01:00.000Z/0000';
    const first = heardOf({ qty: 8 }, 3);
    expect(first.overruled).toMatchObject([{ office: 'east', seq: 2 }]);
    expect(first.overruled[0]!.values).toStrictEqual({ qty: 5 });
    expect(first.overruled[0]!.wroteAt).toStrictEqual({ qty: at });
    expect(first.contenders.map(({ office, values }) => [office, values])).toEqual([
      ['east', { tax: '1' }],
      ['head', { qty: 6, tax: '2' }],
      ['west', { qty: 8 }],
    ]);
    const second = heardOf({ tax: '3' }, 4);
    expect(second.overruled).toMatchObject([{ office: 'east', seq: 2 }]);
    expect(second.overruled[0]!.values).toStrictEqual({ qty: 5, tax: '1' });
    expect(second.overruled[0]!.wroteAt).toStrictEqual({ qty: at, tax: at });
    expect(heardOf({ product: 'Ink' }, 5).overruled).toEqual(second.overruled);
  });

  it('keeps a side whose part was ruled, in its place, though it has nothing in dispute any more', () => {
    const { east, head, west } = offices();
    amends(east, { qty: 5 }, 1);
    amends(west, { tax: '3' }, 2);
    amends(head, { qty: 6, tax: '2' }, 3);
    head.hearsAllFrom(east);
    head.hearsAllFrom(west);
    resolves(head, head.openCase!, { qty: 6 }, { qty: 'manual' }, 'manual');
    const open = head.openCase!;
    expect(open).toMatchObject({ fields: ['tax'], rulings: [{ kind: 'resolved', values: { qty: 6 } }] });
    expect(open.contenders.map(({ office, values }) => [office, values])).toEqual([
      ['east', { qty: 5 }],
      ['west', { tax: '3' }],
      ['head', { qty: 6, tax: '2' }],
    ]);
    expect(open.contenders[2]!.wroteAt).toStrictEqual({
      qty: '2026-04-01T12:03:00.000Z/0000',
      tax: '2026-04-01T12:03:00.000Z/0000',
    });
    expect(standingContenders(open).map(({ office }) => office)).toEqual(['west', 'head']);
  });

  it('opens at the time of the newest of its sides, be they three at once', () => {
    const { east, head, west } = offices();
    amends(east, { qty: 5 }, 1);
    amends(west, { qty: 5 }, 4);
    amends(head, { qty: 6 }, 2);
    west.hearsAllFrom(east);
    expect(west.openCase).toBeNull(); // both wrote the same
    west.hearsAllFrom(head);
    expect(west.openCase!.contenders).toHaveLength(3);
    expect(west.openCase!.openedAt).toBe('2026-04-01T12:04:00.000Z/0000');
  });

  it('has no base when nothing was seen by all', () => {
    const [east, head] = [new Teller('east'), new Teller('head')];
    east.does({ type: 'record', fields: SALE });
    head.does({ type: 'record', fields: { ...SALE, qty: 5 } });
    meet(east, head);
    expect(head.openCase).toMatchObject({ fields: ['qty'] });
    expect(head.openCase!.base).toStrictEqual({});
  });

  it('follows its sides as they go on', () => {
    const { east, head, west } = offices();
    amends(east, { qty: 5 });
    amends(head, { qty: 6 });
    head.hearsAllFrom(east);
    const { id } = head.openCase!;
    amends(east, { qty: 7, tax: '1' });
    amends(west, { tax: '2' });
    head.hearsAllFrom(east);
    head.hearsAllFrom(west);
    expect(head.openCase).toMatchObject({ id, fields: ['qty', 'tax'], base: { qty: 73, tax: '66.17' } });
    expect(head.openCase!.contenders.map(({ office, values }) => [office, values])).toEqual(
      expect.arrayContaining([
        ['east', { qty: 7, tax: '1' }],
        ['head', { qty: 6 }],
        ['west', { tax: '2' }],
      ]),
    );
  });

  it('is settled by an edit that had seen both sides', () => {
    const { east, head } = offices();
    amends(east, { qty: 5 });
    amends(head, { qty: 6 });
    meet(east, head);
    amends(east, { qty: 7 }, 30);
    head.hearsAllFrom(east);
    expect(head.cases).toHaveLength(1);
    expect(head.cases[0]).toMatchObject({
      status: 'settled',
      settledAt: '2026-04-01T12:30:00.000Z/0000',
      fields: ['qty'],
      contenders: [{ values: { qty: 5 } }, { values: { qty: 6 } }],
      rulings: [
        {
          kind: 'edited',
          by: { office: 'east', seq: 3 },
          policies: {},
          policyVersion: 0,
          values: { qty: 7 },
        },
      ],
    });
  });

  it('is settled when the sides come to agree by themselves', () => {
    const { east, head } = offices();
    amends(east, { qty: 5 });
    amends(head, { qty: 6 });
    head.hearsAllFrom(east);
    amends(east, { qty: 6 });
    head.hearsAllFrom(east);
    expect(head.cases[0]).toMatchObject({
      status: 'settled',
      rulings: [{ kind: 'edited', values: { qty: 6 } }],
    });
  });

  it('keeps a side that an edit replaced while another dispute over the field goes on', () => {
    const { east, head, west } = offices();
    amends(east, { qty: 5 });
    amends(head, { qty: 6 });
    amends(west, { qty: 7 });
    meet(east, head);
    amends(head, { qty: 8 }); // knows of east, not of west
    head.hearsAllFrom(west);
    expect(head.openCase ?? head.cases.at(-1)).toMatchObject({ status: 'open', fields: ['qty'] });
    const all = new Teller('north');
    for (const event of [...east.events, ...west.events, ...head.events]) all.hears(event);
    expect(all.openCase!.contenders.map(({ office }) => office).sort()).toEqual(['head', 'west']);
    expect(all.openCase!.overruled).toMatchObject([{ office: 'east', values: { qty: 5 } }]);
  });

  it('notes a ruling on a part, and keeps the losers of that part', () => {
    const { east, head } = offices();
    amends(east, { product: 'Pens', cost: '13' }, 5);
    amends(head, { product: 'Ink', cost: '12' }, 3);
    meet(east, head);
    rulesAt(head, sales);
    expect(head.openCase).toMatchObject({
      fields: ['cost'],
      contenders: [{ values: { product: 'Ink', cost: '12' } }, { values: { product: 'Pens', cost: '13' } }],
      rulings: [{ kind: 'resolved', policies: { product: 'latest' }, values: { product: 'Pens' } }],
    });
    const { writes, policies } = ruleByHand(head.openCase!, sales, { values: { cost: 12.5 } });
    resolves(head, head.openCase!, writes, policies, 'manual');
    east.hearsAllFrom(head);
    for (const office of [east, head]) {
      expect(office.cases).toHaveLength(1);
      expect(office.cases[0]).toMatchObject({
        status: 'settled',
        contenders: [{ values: { product: 'Ink', cost: '12' } }, { values: { product: 'Pens', cost: '13' } }],
        rulings: [
          { kind: 'resolved', policies: { product: 'latest' } },
          { kind: 'resolved', policies: { cost: 'manual' }, values: { cost: '12.5' }, policyVersion: 1 },
        ],
      });
      expect(winningValues(office.state!)).toMatchObject({ product: 'Pens', cost: '12.5' });
    }
  });

  it('goes on when a ruling meets a new edit that had not seen it', () => {
    const { east, head } = offices();
    amends(east, { qty: 5 }, 1);
    amends(head, { qty: 6 }, 2);
    head.hearsAllFrom(east);
    const { id } = head.openCase!;
    rulesAt(head, sales);
    expect(head.cases[0]).toMatchObject({ id, status: 'settled' });
    amends(east, { qty: 7 }, 9);
    east.hearsAllFrom(head);
    expect(east.openCase).toMatchObject({ fields: ['qty'] });
    expect(east.openCase!.contenders.map(({ office, values }) => [office, values['qty']])).toEqual(
      expect.arrayContaining([
        ['head', 6],
        ['east', 7],
      ]),
    );
  });

  it('is the same when the event that changed it last is taken in again', () => {
    const { east, head } = offices();
    amends(east, { product: 'Pens', cost: '13' });
    amends(head, { product: 'Ink', cost: '12' });
    head.hearsAllFrom(east);
    for (const event of [head.events.at(-1)!, rulesAt(head, sales)!]) {
      const { state: after, openCase: open, events } = head;
      const again = {
        open,
        before: after,
        after: evolve(after, event),
        event,
        history: () => events,
        hasher: testHasher,
        counted: new Set<string>(),
      };
      expect(trackCase(again)).toEqual(open);
    }
  });
});
