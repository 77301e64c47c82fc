import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { PROJECTIONS } from '../../domain/projections/registry.ts';
import {
  type Benchmark,
  type Figure,
  figureOf,
  figureWithout,
  median,
  NotMeasured,
  percentile,
} from '../../bench/figure.ts';
import { memorySamples } from '../../bench/memory.ts';
import { measure, type RunSetting } from '../../bench/measure.ts';
import { projectionsSettled } from '../../bench/projections-settled.ts';
import { courseOf, processorSecondsIn } from '../../bench/process-usage.ts';
import { jsonReport, markdownReport, tableReport } from '../../bench/report.ts';
import type { ProjectionView } from '../../mixins/projections/projections.ts';

const what = 'something';
const rate = { name: 'append.sqlite', what, unit: 'sales/s', goal: { atLeast: 2 } } as const;
const time = { name: 'catchup.postgresql', what, unit: 's', goal: { atMost: 3 } } as const;

describe('median', () => {
  it.each([
    [[5], 5],
    [[9, 1, 5], 5],
    [[10, 1, 2, 9], 5.5],
    [[100, 20, 3], 20],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

  it('of nothing is an error', () => expect(() => median([])).toThrow('nothing'));
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [50, 50],
    [99, 99],
    [100, 100],
    [0, 1],
  ])('%d of the numbers 1 to 100 is %d', (percent, expected) =>
    expect(percentile(hundred, percent)).toBe(expected),
  );

  it('is one of the values, the higher one in doubt', () => expect(percentile([7, 30], 51)).toBe(30));
  it('of nothing is an error', () => expect(() => percentile([], 50)).toThrow('nothing'));
});

describe('a figure with a limit', () => {
  const samples = [
    { value: 300, limit: 100, details: { p50Ms: 3 } },
    { value: 100, limit: 25, details: { p50Ms: 9, p99Ms: 80 } },
    { value: 200, limit: 200, details: { p50Ms: 4 } },
  ];

  it('is judged by the median of the ratios, each of one repetition', () =>
    expect(figureOf(rate, samples)).toEqual({
      name: 'append.sqlite',
      unit: 'sales/s',
      goal: { atLeast: 2 },
      value: 200,
      limit: 100,
      ratio: 3,
      met: true,
      range: [100, 300],
      repetitions: 3,
      details: { p50Ms: 4, p99Ms: 80 },
      why: null,
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

describe('measuring', () => {
  const setting = { quick: true, growth: false, events: 30_000, longestMs: 60_000 } as unknown as RunSetting;
  const done: string[] = [];
  beforeEach(() => void done.splice(0));

  const benchmark = (once: (count: number) => number): Benchmark => ({
    measures: [rate, time],
    prepare: async ({ onEnd }) => {
      let count = 0;
      onEnd(() => done.push('opened first'));
      onEnd(async () => void done.push('opened last'));
      return async () => [
        { value: once(++count), limit: 10 },
        { value: count, limit: null },
      ];
    },
  });

  it('repeats three times and gives every figure', async () => {
    const { figures, failed } = await measure(
      benchmark((count) => count * 10),
      setting,
    );
    expect(failed).toBe(false);
    expect(figures).toMatchObject([
      { name: rate.name, value: 20, ratio: 2, met: true, repetitions: 3 },
      { name: time.name, value: 2, met: true },
    ]);
  });

  it('repeats as often as the benchmark says', async () => {
    const { figures } = await measure({ ...benchmark(() => 10), repetitions: 1 }, setting);
    expect(figures[0]).toMatchObject({ repetitions: 1 });
  });

  it('measures once, and not again when that took too long', async () => {
    const { figures } = await measure(
      benchmark(() => 10),
      { ...setting, longestMs: 0 },
    );
    expect(figures[0]).toMatchObject({ repetitions: 1, value: 10 });
  });

  const failing = (error: Error) =>
    benchmark((count) => {
      if (count === 2) throw error;
      return count;
    });

  it('shows what broke, and is told that something did', async () => {
    const { figures, failed } = await measure(failing(new Error('The head is gone')), setting);
    expect(failed).toBe(true);
    expect(figures).toEqual([
      figureWithout(rate, 'The head is gone'),
      figureWithout(time, 'The head is gone'),
    ]);
    expect(figures[0]).toMatchObject({ value: null, met: false, why: 'The head is gone' });
  });

  it('shows what this run does not measure, which breaks nothing', async () => {
    const { figures, failed } = await measure(failing(new NotMeasured('Not here')), setting);
    expect({ failed, why: figures[1]!.why }).toEqual({ failed: false, why: 'Not here' });
  });

  it.each([
    ['it went well', benchmark(() => 1)],
    ['something broke', failing(new Error('no'))],
  ])('puts everything away in the end when %s', async (_, one) => {
    await measure(one, setting);
    expect(done).toEqual(['opened last', 'opened first']);
  });
});

describe('what a process takes', () => {
  it('is processor time of user and system, whatever the program is called', () =>
    expect(processorSecondsIn('7 (a (b) c) S 1 7 7 0 -1 4194560 9 0 0 0 250 150 0 0 20 0')).toBe(4));

  it('is the most memory of all the time and of each quarter', () =>
    expect(courseOf([1, 2, 30, 4, 5, 6, 7, 8])).toEqual({ peakMb: 30, quartersMb: [2, 30, 6, 8] }));

  it('is judged by the largest process, and by the one that grows most', () => {
    const flat = { peakMb: 300, quartersMb: [300, 200, 200, 200] } as const;
    const growing = { peakMb: 150, quartersMb: [90, 100, 120, 150] } as const;
    const values = memorySamples([flat, growing]).map(({ value }) => value);
    expect(values).toEqual([300, 300, 150, 1.5]);
  });

  it('is known from a single look', () => expect(courseOf([9]).quartersMb).toEqual([9, 9, 9, 9]));
});

describe('projections', () => {
  const names = [...BUILT_IN.all, ...PROJECTIONS].map(({ name }) => name);
  const all = names.length;
  const listed = (count: number, behind: number) =>
    names.slice(0, count).map((name) => ({ name, behind, state: 'live', job: null }) as ProjectionView);

  it('are settled when all of them are there, and none is behind', async () => {
    const seen = [[], listed(1, 0), listed(all, 3), listed(all, 0)];
    await projectionsSettled(async () => seen.shift()!);
    expect(seen).toEqual([]);
  });
});

describe('the report', () => {
  const figures = [
    figureOf(rate, [{ value: 12_345.6, limit: 5_000 }]),
    figureOf(time, [{ value: 4.5678, limit: null }]),
    figureWithout({ ...time, name: 'growth.append' }, 'It takes most of an hour'),
  ];
  const machine = { cpu: 'a processor', cores: 2, memoryMb: 24_000, system: 'linux' };
  const report = { machine, versions: { node: '24.1.0' }, figures };

  it('is JSON with every figure', () => expect(JSON.parse(jsonReport(report))).toEqual(report));

  it('shows as a table what was met and what was not', () => {
    const table = tableReport(report);
    expect(table).toMatch(/append\.sqlite +12,346 +sales\/s +5,000 +2\.47 +>= 2 x +yes/);
    expect(table).toMatch(/catchup\.postgresql +4\.57 +s +<= 3 +NO/);
  });

  it('shows the same in Markdown', () => {
    const table = markdownReport(report);
    expect(table).toContain(
      '| `append.sqlite` | 12,346 sales/s | 5,000 | 2.47 | >= 2 x | yes | one repetition |',
    );
    expect(table).toContain('| `catchup.postgresql` | 4.57 s |  |  | <= 3 | **no** | one repetition |');
    expect(table).toContain('| `growth.append` | not measured |  |  | <= 3 | **no** |  |');
    expect(table).toContain('- growth.append: It takes most of an hour');
  });

  it('leaves nothing out that was not measured, and says why', () => {
    const table = tableReport(report);
    expect(table).toMatch(/growth\.append +not measured +s +<= 3 +NO/);
    expect(table).toContain('growth.append: It takes most of an hour');
  });
});
