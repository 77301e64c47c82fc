import fc from 'fast-check';
import { BATCH_MAX_BYTES } from '../../domain/sync/batch.ts';
import { FULL_PACE, type Pace, paceAfterConfirm, paceAfterFailure } from '../../domain/sync/pace.ts';

const SMALLEST = 16 * 1024;

/** Full batches, a window of eight always under way, over a line of this speed. */
function overLine(bytesPerMs: number, batches: number, from: Pace = FULL_PACE): Pace {
  let pace = from;
  let confirmedAtMs = pace.confirmedAtMs;
  const sentAtMs = confirmedAtMs;
  for (let i = 0; i < batches; i++) {
    const bytes = pace.batchBytes;
    confirmedAtMs += bytes / bytesPerMs;
    pace = paceAfterConfirm(pace, { bytes, sentAtMs, confirmedAtMs });
  }
  return pace;
}

it.each([
  [1000, BATCH_MAX_BYTES],
  [100, 125_000],
  [20, 25_000],
  [2, SMALLEST],
])('fits a batch to a line of %i bytes a millisecond', (bytesPerMs, batchBytes) => {
  expect(overLine(bytesPerMs, 8).batchBytes).toBe(batchBytes);
});

it('grows again when the line is better, and not beyond a batch', () => {
  expect(overLine(1000, 8, overLine(2, 8)).batchBytes).toBe(BATCH_MAX_BYTES);
});

it('takes no short batch for a slow line, however long the way', () => {
  const pace = paceAfterConfirm(FULL_PACE, { bytes: 300, sentAtMs: 0, confirmedAtMs: 1_200 });
  expect(pace.batchBytes).toBe(BATCH_MAX_BYTES);
});

it('takes no short batch for a quick line', () => {
  const slow = overLine(20, 8);
  const pace = paceAfterConfirm(slow, {
    bytes: 300,
    sentAtMs: slow.confirmedAtMs,
    confirmedAtMs: slow.confirmedAtMs + 1,
  });
  expect(pace.batchBytes).toBe(slow.batchBytes);
});

it('halves with each failure, down to the smallest', () => {
  let pace = FULL_PACE;
  for (const [atMs, batchBytes] of [
    [1, BATCH_MAX_BYTES / 2],
    [3, BATCH_MAX_BYTES / 4],
    [5, BATCH_MAX_BYTES / 8],
    [7, SMALLEST],
    [9, SMALLEST],
  ] as const) {
    pace = paceAfterFailure(pace, { sentAtMs: atMs, failedAtMs: atMs + 1 });
    expect(pace.batchBytes).toBe(batchBytes);
  }
});

it('counts a window that fails together once', () => {
  let pace = FULL_PACE;
  for (let sentAtMs = 1; sentAtMs <= 8; sentAtMs++)
    pace = paceAfterFailure(pace, { sentAtMs, failedAtMs: 1_000 });
  expect(pace.batchBytes).toBe(BATCH_MAX_BYTES / 2);
});

it('stays a whole number between the smallest and the largest, whatever is measured', () => {
  const sent = fc.record({ bytes: fc.nat(3_000_000), sentAtMs: fc.nat(), confirmedAtMs: fc.nat() });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), sent)), (story) => {
      let pace = FULL_PACE;
      for (const [isConfirmed, one] of story)
        pace = isConfirmed
          ? paceAfterConfirm(pace, one)
          : paceAfterFailure(pace, { ...one, failedAtMs: one.confirmedAtMs });
      expect(Number.isInteger(pace.batchBytes)).toBe(true);
      expect(pace.batchBytes).toBeGreaterThanOrEqual(SMALLEST);
      expect(pace.batchBytes).toBeLessThanOrEqual(BATCH_MAX_BYTES);
    }),
  );
});

it.each([
  ['as long as it may take: stays', 100_000, 1_250, 100_000],
  ['a little longer: comes down to what fits', 100_000, 1_500, 83_333],
  ['very long: halves', 100_000, 10_000, 50_000],
  ['half as long: may grow to what fits', 50_000, 625, 100_000],
  ['more than half as long: stays', 50_000, 626, 50_000],
  ['no time: doubles', 50_000, 1, 100_000],
])('measures by the time that a full batch took; %s', (_, batchBytes, tookMs, expected) => {
  const sent = { bytes: batchBytes, sentAtMs: 0, confirmedAtMs: tookMs };
  expect(paceAfterConfirm({ ...FULL_PACE, batchBytes }, sent).batchBytes).toBe(expected);
});

it('takes half a batch for a whole one', () => {
  const sent = { bytes: 50_000, sentAtMs: 0, confirmedAtMs: 100 };
  expect(paceAfterConfirm({ ...FULL_PACE, batchBytes: 100_000 }, sent).batchBytes).toBe(200_000);
  expect(paceAfterConfirm({ ...FULL_PACE, batchBytes: 100_002 }, sent).batchBytes).toBe(100_002);
});
