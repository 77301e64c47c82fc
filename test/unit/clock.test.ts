import fc from 'fast-check';
import {
  advanceClock,
  covers,
  EMPTY_CLOCK,
  hasCauses,
  includes,
  lifeOf,
  mergeClocks,
  type VectorClock,
} from '../../domain/clock.ts';
import type { Dot } from '../../domain/event.ts';

const dot = (office: string, epoch: number, seq: number): Dot => ({ office, epoch, seq });

const clocks = fc.dictionary(
  fc.constantFrom('head@1', 'east@1', 'east@2', 'west@1'),
  fc.integer({ min: 1, max: 4 }),
);

describe('merging clocks', () => {
  it('gives the least clock that includes both', () => {
    fc.assert(
      fc.property(clocks, clocks, clocks, (a, b, c) => {
        const merged = mergeClocks(a, b);
        expect(includes(merged, a) && includes(merged, b)).toBe(true);
        expect(includes(c, merged)).toBe(includes(c, a) && includes(c, b));
      }),
    );
  });

  it('does not depend on order or repetition, and leaves its arguments alone', () => {
    fc.assert(
      fc.property(clocks, clocks, clocks, (a, b, c) => {
        const before = JSON.stringify([a, b, c]);
        expect(mergeClocks(a, b)).toEqual(mergeClocks(b, a));
        expect(mergeClocks(mergeClocks(a, b), c)).toEqual(mergeClocks(a, mergeClocks(b, c)));
        expect(mergeClocks(a, a)).toEqual(a);
        expect(JSON.stringify([a, b, c])).toBe(before);
      }),
    );
  });
});

describe('one life at a time', () => {
  it('names a life by office and epoch', () => expect(lifeOf(dot('east', 2, 7))).toBe('east@2'));

  it.each<[VectorClock, Dot, boolean]>([
    [EMPTY_CLOCK, dot('east', 1, 1), false],
    [{ 'east@1': 3 }, dot('east', 1, 3), true],
    [{ 'east@1': 3 }, dot('east', 1, 4), false],
    [{ 'east@1': 3 }, dot('east', 2, 1), false],
    [{ 'east@1': 3 }, dot('west', 1, 1), false],
  ])('%j covers %j: %s', (clock, event, expected) => expect(covers(clock, event)).toBe(expected));

  it('covers an own event at once, and nothing less than before', () => {
    const before = { 'head@1': 4, 'east@1': 2 };
    const after = advanceClock(before, dot('east', 1, 8));
    expect(after).toEqual({ 'head@1': 4, 'east@1': 8 });
    expect([includes(after, before), includes(before, after)]).toEqual([true, false]);
  });
});

describe('causes', () => {
  const event = { ...dot('east', 1, 8), clock: { 'east@1': 8, 'head@1': 4 } };

  it.each<[string, VectorClock, boolean]>([
    ['are there when all other lives are', { 'head@1': 4 }, true],
    ['are there when more than that is known', { 'head@1': 5, 'west@1': 1, 'east@1': 7 }, true],
    ['are missing without the other life', { 'east@1': 7 }, false],
    ['are missing when the other life is behind', { 'east@1': 7, 'head@1': 3 }, false],
  ])('%s', (_, known, expected) => expect(hasCauses(known, event)).toBe(expected));

  it('belong to the life that the clock names', () => {
    expect(hasCauses({ 'east@1': 3 }, { ...dot('east', 2, 4), clock: { 'east@2': 4, 'east@1': 3 } })).toBe(
      true,
    );
    expect(hasCauses({ 'east@1': 2 }, { ...dot('east', 2, 4), clock: { 'east@2': 4, 'east@1': 3 } })).toBe(
      false,
    );
  });
});
