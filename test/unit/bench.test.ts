import { type Figure, figureOf, median } from '../../bench/figure.ts';
import { jsonReport, tableReport } from '../../bench/report.ts';
import { sampleSale } from '../../bench/sample-sales.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { flawOfData } from '../../domain/datasets/validate.ts';

const rate = { name: 'append.sqlite', unit: 'sales/s', goal: { atLeast: 2 } } as const;
const time = { name: 'catchup.postgresql', unit: 's', goal: { atMost: 3 } } as const;

describe('median', () => {
  it.each([
    [[5], 5],
    [[9, 1, 5], 5],
    [[10, 1, 2, 9], 5.5],
    [[100, 20, 3], 20],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

  it('of nothing is an error', () => expect(() => median([])).toThrow('nothing'));
});

describe('a figure with a limit', () => {
  const samples = [
    { value: 300, limit: 100 },
    { value: 100, limit: 25 },
    { value: 200, limit: 200 },
  ];

  it('is judged by the median of the ratios, each of one repetition', () =>
    expect(figureOf(rate, samples)).toEqual({
      ...rate,
      value: 200,
      limit: 100,
      ratio: 3,
      met: true,
      range: [100, 300],
    }));

  it('is not met below the goal, whatever the value', () =>
    expect(figureOf(rate, [{ value: 1_000, limit: 501 }])).toMatchObject({ ratio: 1_000 / 501, met: false }));
});

describe('a figure without a limit', () => {
  const at = (value: number): Figure => figureOf(time, [{ value, limit: null }]);

  it('is judged by its value', () => {
    expect(at(3)).toMatchObject({ value: 3, limit: null, ratio: null, met: true });
    expect(at(3.01).met).toBe(false);
  });
});

describe('the report', () => {
  const figures = [
    figureOf(rate, [{ value: 12_345.6, limit: 5_000 }]),
    figureOf(time, [{ value: 4.5678, limit: null }]),
  ];
  const machine = { cpu: 'a processor', cores: 2, memoryMb: 24_000, system: 'linux' };
  const report = { machine, versions: { node: '24.1.0' }, figures };

  it('is JSON with every figure', () => expect(JSON.parse(jsonReport(report))).toEqual(report));

  it('shows as a table what was met and what was not', () => {
    const table = tableReport(report);
    expect(table).toMatch(/append\.sqlite +12,346 +sales\/s +5,000 +2\.47 +>= 2 x +yes/);
    expect(table).toMatch(/catchup\.postgresql +4\.57 +s +<= 3 +NO/);
  });
});

it('makes sales that the program accepts, and that differ', () => {
  const made = Array.from({ length: 5_000 }, (_, index) => sampleSale(index));
  for (const sale of made) expect(flawOfData(sales, { ...sale }, 'record')).toBeNull();
  expect(new Set(made.map((sale) => JSON.stringify(sale))).size).toBe(5_000);
});
