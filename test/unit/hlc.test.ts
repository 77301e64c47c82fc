import fc from 'fast-check';
import {
  adopt,
  HYBRID_TIME_PATTERN,
  hybridTime,
  MAX_DRIFT_MS,
  START_OF_TIME,
  tick,
  wallMsOf,
} from '../../domain/hlc.ts';

const NOON = Date.parse('2026-04-01T12:00:00.000Z');
const END_OF_TIME = '9999-12-31T23:59:59.999Z/ffff';

const moments = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') });
const times = fc
  .tuple(moments, fc.integer({ min: 0, max: 0xffff }))
  .map(([ms, count]) => hybridTime(ms, count));

describe('hybrid time', () => {
  it('is written with a fixed width', () => {
    expect(hybridTime(NOON, 0)).toBe('2026-04-01T12:00:00.000Z/0000');
    expect(hybridTime(NOON + 7, 255)).toBe('2026-04-01T12:00:00.007Z/00ff');
    expect(wallMsOf(hybridTime(NOON + 7, 255))).toBe(NOON + 7);
  });

  it('sorts as text as it does in time', () => {
    fc.assert(
      fc.property(moments, moments, fc.nat(0xffff), fc.nat(0xffff), (a, b, countA, countB) => {
        const expected = a < b || (a === b && countA < countB);
        expect(hybridTime(a, countA) < hybridTime(b, countB)).toBe(expected);
      }),
    );
  });
});

describe('the next time', () => {
  it.each<[string, string, number, string]>([
    ['follows the wall clock', START_OF_TIME, NOON, hybridTime(NOON, 0)],
    ['counts within a millisecond', hybridTime(NOON, 4), NOON, hybridTime(NOON, 5)],
    ['goes on when the wall clock jumps back', hybridTime(NOON, 4), NOON - 3_600_000, hybridTime(NOON, 5)],
    [
      'takes the next millisecond when the count is full',
      hybridTime(NOON, 0xffff),
      NOON,
      hybridTime(NOON + 1, 0),
    ],
    ['is not deceived by a part of a millisecond', hybridTime(NOON, 4), NOON + 0.9, hybridTime(NOON, 5)],
    ['goes on when the wall clock says nonsense', hybridTime(NOON, 4), Number.NaN, hybridTime(NOON, 5)],
    ['stays readable at the end of time', END_OF_TIME, NOON, END_OF_TIME],
    ['stays readable beyond the end of time', hybridTime(NOON, 0), 1e15, '9999-12-31T23:59:59.999Z/0000'],
  ])('%s', (_, last, nowMs, expected) => expect(tick(last, nowMs)).toBe(expected));

  it('is always later and always well formed, whatever the wall clock does', () => {
    fc.assert(
      fc.property(
        times,
        fc.array(fc.integer({ min: -1e13, max: 1e14 }), { maxLength: 20 }),
        (start, walls) => {
          fc.pre(start < '9999');
          let last = start;
          for (const nowMs of walls) {
            const next = tick(last, nowMs);
            expect(next > last || next.startsWith('9999-12-31T23:59:59.999Z')).toBe(true);
            expect(next).toMatch(HYBRID_TIME_PATTERN);
            last = next;
          }
        },
      ),
    );
  });
});

describe('a remote time', () => {
  it.each<[string, string, string, string, number | null]>([
    [
      'later than ours is adopted',
      hybridTime(NOON, 0),
      hybridTime(NOON + 1000, 3),
      hybridTime(NOON + 1000, 3),
      null,
    ],
    [
      'earlier than ours changes nothing',
      hybridTime(NOON, 0),
      hybridTime(NOON - 1, 9),
      hybridTime(NOON, 0),
      null,
    ],
    [
      'at the limit is adopted',
      START_OF_TIME,
      hybridTime(NOON + MAX_DRIFT_MS, 0),
      hybridTime(NOON + MAX_DRIFT_MS, 0),
      null,
    ],
    [
      'beyond the limit raises an alarm',
      hybridTime(NOON, 0),
      hybridTime(NOON + MAX_DRIFT_MS + 1, 0),
      hybridTime(NOON, 0),
      MAX_DRIFT_MS + 1,
    ],
  ])('%s', (_, last, remote, time, tooFarAheadMs) =>
    expect(adopt(last, remote, NOON)).toEqual({ time, tooFarAheadMs }),
  );

  it('that was adopted comes before what we write next', () => {
    fc.assert(
      fc.property(times, times, moments, (last, remote, nowMs) => {
        const { time } = adopt(last, remote, nowMs);
        fc.pre(time < '9999');
        const next = tick(time, nowMs);
        expect(next > last).toBe(true);
        if (wallMsOf(remote) <= nowMs + MAX_DRIFT_MS) expect(next > remote).toBe(true);
      }),
    );
  });
});
