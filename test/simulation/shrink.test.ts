import { anyNumber } from './command-line.ts';
import { drawPlan } from './draw-plan.ts';
import { runHistory } from './history.ts';
import { Prng } from './prng.ts';
import { commandOf, narrowed, type Scenario, wholeSeed } from './scenario.ts';
import { shrink } from './shrink.ts';

const STRIKES = ['link-cut.1', 'branch-crash.1', 'paused.1', 'link-cut.2', 'head-restored.1', 'paused.2'];
const CULPRITS = ['branch-crash.1', 'head-restored.1'];

/** A world in which two strikes together break a promise, if there are two branches, after three minutes. */
function planted(scenario: Scenario) {
  const drawn = { ...drawPlan(new Prng(1), scenario.branches ?? 4), faultsMs: 20 * 60_000, aims: [] };
  const faults = new Map(
    ['link-cut', 'branch-crash', 'paused', 'head-restored', 'clock-jump'].map((name) => [name, 1]),
  );
  const plan = narrowed({ ...drawn, faults }, scenario);
  const struck = STRIKES.filter(
    (name) => plan.faults.has(name.split('.')[0]!) && (scenario.only?.includes(name) ?? true),
  );
  const isBroken =
    plan.branches >= 2 && plan.faultsMs > 3 * 60_000 && CULPRITS.every((name) => struck.includes(name));
  const other = struck.length === 0 ? 'something else is wrong' : null;
  return {
    violation: isBroken ? `west:${struck.length} is lost at the head` : other,
    plan,
    struck,
    digest: 'd',
  };
}

describe('a history that breaks a promise', () => {
  it('is shrunk to what it takes', async () => {
    let runs = 0;
    const run = async (scenario: Scenario) => {
      runs += 1;
      return planted(scenario);
    };
    const first = wholeSeed(7);
    const shrunk = await shrink(first, planted(first), { run, nowMs: () => 0 });
    const { scenario } = shrunk;
    expect(scenario.branches).toBe(2);
    expect([...scenario.without].sort()).toEqual(['clock-jump', 'link-cut', 'paused']);
    expect(scenario.minutes).toBeGreaterThan(3);
    expect(scenario.minutes).toBeLessThan(3.5);
    expect(planted(scenario).struck).toEqual(CULPRITS);
    expect(shrunk.isExact).toBe(true);
    expect(runs).toBeLessThan(40);
    expect(commandOf(scenario)).toMatch(
      /^npm run simulate -- --seed 7 --offices 2 --without [a-z,-]+ --minutes 3\.\d+ --trace$/,
    );
  });

  it('is told in words that the command takes', () => {
    const minutes = /--minutes (\S+)/.exec(commandOf({ ...wholeSeed(7), minutes: 4.47 }))![1]!;
    expect(anyNumber('minutes', minutes)).toBe(4.47);
    expect(() => anyNumber('minutes', 'soon')).toThrow('--minutes is to be a number');
  });

  it('is shrunk by single strikes where its kinds are all needed', async () => {
    const first = wholeSeed(7);
    const isBroken = ({ only }: Scenario) =>
      only === null || (only.includes('paused.2') && only.includes('link-cut.1'));
    const run = async (scenario: Scenario) => ({
      ...planted(scenario),
      struck: scenario.only ?? STRIKES,
      violation: scenario.without.length === 0 && isBroken(scenario) ? 'lost' : null,
    });
    const { scenario } = await shrink(first, await run(first), { run, nowMs: () => 0 });
    expect(scenario.only).toEqual(['link-cut.1', 'paused.2']);
  });

  it('is shrunk no longer than it may be', async () => {
    let [runs, nowMs] = [0, 0];
    const run = async (scenario: Scenario) => {
      [runs, nowMs] = [runs + 1, nowMs + 10_000];
      return planted(scenario);
    };
    const first = wholeSeed(7);
    const shrunk = await shrink(first, planted(first), { run, nowMs: () => nowMs, mostMs: 40_000 });
    expect(shrunk.runs).toBe(4);
    expect(runs).toBe(6); // and twice more, to see whether it is always the same
  });
});

describe('a part of a seed', () => {
  it('is played exactly, with only those strikes that were named', async () => {
    const whole = await runHistory({ ...wholeSeed(3, 1), minutes: 4 });
    const [one] = whole.struck;
    const part: Scenario = { ...wholeSeed(3, 1), minutes: 4, only: [one!] };
    const [once, again] = [await runHistory(part), await runHistory(part)];
    expect(once.struck).toEqual([one]);
    expect(again.digest).toBe(once.digest);
    expect(once.digest).not.toBe(whole.digest);
    expect(once.violation).toBeNull();
  });
});
