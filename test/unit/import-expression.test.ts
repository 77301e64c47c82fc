import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseExpression, toDecimal } from '../../mixins/import/expression.ts';

const COLUMNS = ['Sales', 'Quantity', 'Order Date', 'Sub-Category', 'Sub', '2020', 'a, b'];
const CELLS: Readonly<Record<string, string>> = {
  Sales: '957.5775',
  Quantity: '5',
  Sub: '7',
  '2020': '3',
  'a, b': '2',
};

function calculate(source: string, { scale = 4, round = false, cells = CELLS } = {}): string | null {
  const expression = parseExpression(source, COLUMNS);
  if (expression.kind !== 'number') throw new Error(`${source} is no calculation`);
  return toDecimal(
    expression.evaluate((column) => cells[column] ?? ''),
    scale,
    round,
  );
}

describe('parseExpression', () => {
  it.each([
    ['Order Date', 'Order Date'],
    ['Sub-Category', 'Sub-Category'],
    ['[Sub-Category]', 'Sub-Category'],
    ['2020', '2020'],
    ['[a, b]', 'a, b'],
  ])('takes %s for a column', (source, column) => {
    expect(parseExpression(source, COLUMNS)).toEqual({ kind: 'column', column });
  });

  it('takes single quotes for a text', () => {
    expect(parseExpression("'East'", COLUMNS)).toEqual({ kind: 'text', text: 'East' });
  });

  it.each([
    ['Sales / Quantity', '191.5155'],
    ['0', '0'],
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['10 - 2 - 3', '5'],
    ['8 / 2 / 2', '2'],
    ['-Quantity + 1', '-4'],
    ['--2', '2'],
    ['Sub - 1', '6'],
    ['[2020] * 2', '6'],
    ['2020 * 2', '6'],
    ['1 / 3 * 3', '1'],
    ['0.1 + 0.2', '0.3'],
    ['1 / -8', '-0.125'],
  ])('works out %s exactly', (source, expected) => {
    expect(calculate(source)).toBe(expected);
  });

  it('says when a number does not come out, and rounds half away from zero when asked', () => {
    expect(calculate('1 / 3')).toBeNull();
    expect(calculate('1 / 3', { round: true })).toBe('0.3333');
    expect(calculate('1 / 8', { scale: 2, round: true })).toBe('0.13');
    expect(calculate('-1 / 8', { scale: 2, round: true })).toBe('-0.13');
    expect(calculate('5 / 2', { scale: 0 })).toBeNull();
  });

  it.each([
    'Nope',
    'Sales /',
    '(Sales',
    'Sales Quantity',
    '1 ** 2',
    '',
    '[Nope]',
    "'a' + 1",
    'process.exit()',
    '1e5',
  ])('refuses "%s"', (source) => {
    expect(() => parseExpression(source, COLUMNS)).toThrow(
      expect.objectContaining({ type: 'invalid-expression' }) as unknown as Error,
    );
  });

  it('says which cell is no number, and that nothing is divided by zero', () => {
    const cells = { Sales: 'n/a', Quantity: '0' };
    expect(() => calculate('Sales * 2', { cells })).toThrow(/needs a number in Sales, not "n\/a"/);
    expect(() => calculate('1 / Quantity', { cells })).toThrow(/divided by zero/);
  });

  it('gives back the sum of a line from its price, whatever the line', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: -99_999_999, max: 99_999_999 }),
        (qty, price) => {
          const sum = BigInt(price) * BigInt(qty);
          const text = `${sum < 0n ? '-' : ''}${(sum < 0n ? -sum : sum)
            .toString()
            .padStart(5, '0')
            .replace(/(\d{4})$/, '.$1')}`;
          const cost = calculate('Sales / Quantity', { cells: { Sales: text, Quantity: String(qty) } });
          expect(Math.round(Number(cost) * 10_000)).toBe(price);
        },
      ),
    );
  });
});
