import { stakeOf } from '../../domain/conflict/stake.ts';
import { products } from '../../domain/datasets/products.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { stock } from '../../domain/datasets/stock.ts';
import { sortableDecimal } from '../../domain/decimal.ts';
import { winningValues } from '../../domain/office/present.ts';
import { amends, offices } from './conflict-story.ts';
import type { Teller } from './story.ts';

type Sides = ReturnType<typeof offices>;

/** Of 73 x 12.95 + 66.17, once everybody has told the head what they did. */
function atStake(does: (sides: Sides) => void): string | null {
  const sides = offices();
  does(sides);
  for (const other of [sides.east, sides.west]) sides.head.hearsAllFrom(other);
  return stakeOf(sides.head.openCase!, sales, winningValues(sides.head.state!));
}

const voids = (teller: Teller) => teller.does({ type: 'void' });

describe('what is at stake', () => {
  it.each<[string, (sides: Sides) => void, string]>([
    [
      'is what a price makes of the total: 73 x 0.05',
      ({ east, head }) => {
        amends(east, { cost: '12.9' });
        amends(head, { cost: '12.85' });
      },
      '3.65',
    ],
    [
      'is exact, and the largest of all: 73 x (13.0001 - 12.9)',
      ({ east, head }) => {
        amends(east, { cost: '12.9', tax: '70' });
        amends(head, { cost: '13.0001', tax: '70' });
      },
      '7.3073',
    ],
    [
      'is that of a quantity, through what is worked out from it: 2 x 12.95',
      ({ east, head }) => {
        amends(east, { qty: 74 });
        amends(head, { qty: 76 });
      },
      '25.9',
    ],
    [
      'is held against what was there where a side left a field alone: 73 x 13 + 80 - (73 x 12 + 66.17)',
      ({ east, head, west }) => {
        amends(east, { cost: '13', tax: '80' });
        amends(head, { cost: '12' });
        amends(west, { tax: '70' });
      },
      '86.83',
    ],
    [
      'is all of it when one side voided it: 74 x 12.95 + 66.17',
      ({ east, head }) => {
        voids(head);
        amends(east, { qty: 74 });
      },
      '1024.47',
    ],
    [
      'is nothing where only words differ',
      ({ east, head }) => {
        amends(east, { product: 'Pens' });
        amends(head, { product: 'Ink' });
      },
      '0',
    ],
  ])('%s', (_, does, expected) => {
    expect(atStake(does)).toBe(expected);
  });

  it('is not known of what has no money in it, and the price of what has one', () => {
    const { east, head } = offices();
    amends(east, { qty: 74, cost: '9' });
    amends(head, { qty: 76, cost: '11.5' });
    head.hearsAllFrom(east);
    const shown = winningValues(head.state!);
    expect(stakeOf(head.openCase!, stock, shown)).toBeNull();
    const asProduct = { ...products, fields: { ...products.fields, cost: sales.fields['cost']! } };
    expect(stakeOf(head.openCase!, asProduct, shown)).toBe('2.5');
  });

  it('sorts as text as numbers do', () => {
    const amounts = ['0', '0.000000000000000001', '0.5', '0.51', '1', '9.99', '10', '100000000000000.5'];
    expect(amounts.map(sortableDecimal).toSorted()).toEqual(amounts.map(sortableDecimal));
    expect(new Set(amounts.map((amount) => sortableDecimal(amount).length))).toEqual(new Set([39]));
  });
});
