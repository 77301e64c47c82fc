import { disputedFields } from '../../domain/conflict/detect.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { JsonValue } from '../../domain/event.ts';
import { evolve, writtenFields } from '../../domain/office/evolve.ts';
import { fitsComputed, presentRow, statusOf } from '../../domain/office/present.ts';
import { caught } from './caught.ts';
import { SALE, Teller } from './story.ts';

describe('a row', () => {
  const pair = () => {
    const [east, head] = [new Teller('east'), new Teller('head')];
    east.does({ type: 'record', fields: SALE });
    head.hearsAllFrom(east);
    return { east, head };
  };

  it('shows the fields in declared order, then the computed ones', () => {
    const { east } = pair();
    const row = presentRow(sales, east.state!);
    expect(Object.entries(row.values)).toEqual([
      ['soldOn', '2026-04-01'],
      ['product', 'Paper'],
      ['region', 'East'],
      ['qty', 73],
      ['cost', '12.95'],
      ['tax', '66.17'],
      ['amount', '945.35'],
      ['total', '1011.52'],
    ]);
    expect(row).toMatchObject({
      scope: 'east',
      entityId: 'sale-1',
      createdAt: '2026-04-01T12:00:00.000Z',
      updatedAt: '2026-04-01T12:00:00.000Z',
      deletedAt: null,
      conflicted: false,
    });
  });

  it('keeps edits of different fields by two offices, without a conflict', () => {
    const { east, head } = pair();
    east.does({ type: 'amend', fields: { qty: 74 } }, 5);
    head.does({ type: 'amend', fields: { tax: '1' } }, 3);
    east.hearsAllFrom(head);
    expect(presentRow(sales, east.state!)).toMatchObject({
      values: { qty: 74, tax: '1', amount: '958.3', total: '959.3' },
      updatedAt: '2026-04-01T12:05:00.000Z',
      conflicted: false,
    });
  });

  it('shows the later of two edits of one field, marked as conflicted', () => {
    const { east, head } = pair();
    east.does({ type: 'amend', fields: { cost: '13' } }, 5);
    head.does({ type: 'amend', fields: { cost: '12' } }, 3);
    for (const [hearer, teller] of [
      [east, head],
      [head, east],
    ] as const) {
      hearer.hearsAllFrom(teller);
      expect(presentRow(sales, hearer.state!)).toMatchObject({ values: { cost: '13' }, conflicted: true });
    }
  });

  it('breaks a tie in time by the office', () => {
    const { east, head } = pair();
    east.does({ type: 'amend', fields: { cost: '13' } }, 5);
    head.does({ type: 'amend', fields: { cost: '12' } }, 5);
    east.hearsAllFrom(head);
    expect(presentRow(sales, east.state!).values['cost']).toBe('12');
  });

  it('is voided by a void that is earlier than a concurrent edit', () => {
    const { east, head } = pair();
    head.does({ type: 'void' }, 3);
    east.does({ type: 'amend', fields: { qty: 74 } }, 5);
    east.hearsAllFrom(head);
    expect(statusOf(east.state!)).toBe('voided');
    expect(disputedFields(east.state!)).toEqual(['$status']);
    expect(presentRow(sales, east.state!)).toMatchObject({
      deletedAt: '2026-04-01T12:03:00.000Z',
      conflicted: true,
      values: { qty: 74 },
    });
  });

  it('was created when it was first recorded, though two offices did so and the later is heard first', () => {
    const [east, head] = [new Teller('east'), new Teller('head')];
    east.does({ type: 'record', fields: SALE }, 3);
    head.does({ type: 'record', fields: SALE }, 7);
    head.hearsAllFrom(east);
    east.hearsAllFrom(head);
    for (const { state } of [east, head])
      expect(presentRow(sales, state!)).toMatchObject({
        createdAt: '2026-04-01T12:03:00.000Z',
        updatedAt: '2026-04-01T12:07:00.000Z',
      });
  });

  it('has no creation before its recording is known: until then it shows its last change', () => {
    const east = new Teller('east');
    east.does({ type: 'record', fields: SALE }, 3);
    const change = east.does({ type: 'amend', fields: { qty: 5 } }, 7)!;
    const state = evolve(null, change);
    expect(state.createdAt).toBe('');
    expect(presentRow(sales, state).createdAt).toBe('2026-04-01T12:07:00.000Z');
    expect(evolve(state, east.events[0]!).createdAt).toBe('2026-04-01T12:03:00.000Z');
  });

  it('counts what an event of an unknown kind says as seen, and keeps nothing of it', () => {
    const east = new Teller('east');
    const recording = east.does({ type: 'record', fields: SALE })!;
    const strange = { ...recording, type: 'SaleExploded', seq: 2, clock: { 'east@1': 2 } };
    expect(writtenFields(strange)).toEqual({});
    expect(evolve(null, strange).writers).toEqual([]);
    const state = evolve(east.state, strange);
    expect(state.clock).toEqual({ 'east@1': 2 });
    expect(state.writers).toEqual(east.state!.writers);
  });

  it('never takes in an event of another entity', () => {
    const east = new Teller('east');
    const recording = east.does({ type: 'record', fields: SALE })!;
    const other = { ...recording, entityId: 'sale-2', seq: 2 };
    expect(caught(() => evolve(east.state, other))).toMatchObject({ type: 'invariant-broken' });
  });

  it('is live again once restored', () => {
    const { east } = pair();
    east.does({ type: 'void' });
    east.does({ type: 'restore' });
    expect(presentRow(sales, east.state!)).toMatchObject({ deletedAt: null, conflicted: false });
  });

  it('shows as unknown what two offices together made too large', () => {
    const { east, head } = pair();
    east.does({ type: 'amend', fields: { qty: 1_000_000 } });
    head.does({ type: 'amend', fields: { cost: '99999999999' } });
    east.hearsAllFrom(head);
    expect(presentRow(sales, east.state!).values).toMatchObject({
      cost: '99999999999',
      amount: null,
      total: null,
    });
  });
});

describe('a computed value fits its column', () => {
  const money = { kind: 'decimal', precision: 6, scale: 2 } as const;
  const count = { kind: 'integer', min: 0, max: 9 } as const;
  it.each<[JsonValue, Parameters<typeof fitsComputed>[0], boolean]>([
    ['1234.56', money, true],
    [null, money, true],
    ['12345.67', money, false],
    ['1.234', money, false],
    ['1.50', money, false], // not as it is written down
    ['much', money, false],
    [12, money, false],
    [12, count, false],
    [9, count, true],
    [2.5, count, false],
    [NaN, count, false],
    ['9', count, false],
    [null, count, true],
  ])('%j in %j: %s', (value, type, expected) => expect(fitsComputed(type, value)).toBe(expected));
});
