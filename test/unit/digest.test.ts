import fc from 'fast-check';
import type { LoggedEvent } from '../../domain/event.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { evolve } from '../../domain/office/evolve.ts';
import {
  addModulo,
  bucketOf,
  bytesToNumber,
  DIGEST_BUCKETS,
  DigestChange,
  type DigestDelta,
  numberToBytes,
  stateNumber,
} from '../../domain/projections/digest.ts';
import { OfficeLog } from './sync-log.ts';
import { testHasher } from './test-hasher.ts';

const MODULUS = 2n ** 256n;
const numbers = fc.bigInt({ min: 0n, max: MODULUS - 1n });

/** Adds up deltas as databases do. */
function sum(...changes: (readonly DigestDelta[])[]): Record<string, [number, bigint, bigint]> {
  const sums: Record<string, [number, bigint, bigint]> = {};
  for (const { dataset, scope, bucket, count, events, state } of changes.flat()) {
    const [counted, eventSum, stateSum] = sums[`${dataset}/${scope}/${bucket}`] ?? [0, 0n, 0n];
    sums[`${dataset}/${scope}/${bucket}`] = [
      counted + count,
      addModulo(eventSum, events),
      addModulo(stateSum, state),
    ];
  }
  return sums;
}

function held(events: readonly LoggedEvent[]): DigestDelta[] {
  const change = new DigestChange(testHasher, 'west');
  events.forEach((event) => change.eventHeld(event));
  return change.deltas();
}

function events(count: number): LoggedEvent[] {
  const west = new OfficeLog('west');
  for (let i = 0; i < count; i++) west.records(`sale-${i % 20}`, { scope: i % 3 === 0 ? 'shared' : 'west' });
  return west.events;
}

describe('256-bit sums', () => {
  it('are written in 32 bytes and read again', () => {
    fc.assert(fc.property(numbers, (number) => expect(bytesToNumber(numberToBytes(number))).toBe(number)));
    expect(numberToBytes(1n)).toEqual(new Uint8Array([...new Array<number>(31).fill(0), 1]));
  });

  it('are read from a view into larger memory', () => {
    const memory = new Uint8Array(64);
    memory.set(numberToBytes(5n ** 100n), 16);
    expect(bytesToNumber(memory.subarray(16, 48))).toBe(5n ** 100n);
  });

  it('wrap around both ways', () => {
    expect(addModulo(MODULUS - 1n, 2n)).toBe(1n);
    expect(addModulo(1n, -2n)).toBe(MODULUS - 1n);
    expect(addModulo(0n, -(MODULUS * 3n) + 4n)).toBe(4n);
  });
});

describe('a bucket', () => {
  it('is one of a few, by the entity id alone', () => {
    const buckets = new Set(Array.from({ length: 1000 }, (_, i) => bucketOf(`sale-${i}`)));
    expect([...buckets].sort((a, b) => a - b)).toEqual(Array.from({ length: DIGEST_BUCKETS }, (_, i) => i));
  });

  it('is the same on every machine', () => {
    expect(['', 'a', 'sale-1', 'Ä😀 '].map(bucketOf)).toEqual([5, 12, 8, 10]);
  });
});

describe('the digest of a set of events', () => {
  const all = events(60);

  it('does not depend on their order, nor on how they were grouped', () => {
    const cuts = fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.nat(60), fc.nat(60));
    fc.assert(
      fc.property(cuts, ([shuffled, a, b]) => {
        const [first, second] = a < b ? [a, b] : [b, a];
        const parts = [shuffled.slice(0, first), shuffled.slice(first, second), shuffled.slice(second)];
        expect(sum(...parts.map(held))).toEqual(sum(held(all)));
      }),
    );
  });

  it('tells sets apart', () => {
    expect(sum(held(all.slice(1)))).not.toEqual(sum(held(all)));
    expect(sum(held([all[0]!, all[0]!]))).not.toEqual(sum(held([all[0]!])));
  });

  it('forgets events that were displaced', () => {
    const change = new DigestChange(testHasher, 'west');
    all.forEach((event) => change.eventHeld(event));
    all.slice(10).forEach((event) => change.eventDisplaced(event));
    expect(nonZero(sum(change.deltas()))).toEqual(sum(held(all.slice(0, 10))));
  });

  it('counts them apart by dataset, scope and bucket', () => {
    const counts = held(all).reduce<Record<string, number>>(
      (sums, { scope, count }) => ({ ...sums, [scope]: (sums[scope] ?? 0) + count }),
      {},
    );
    expect(counts).toEqual({ west: 40, shared: 20 });
  });
});

function nonZero(sums: ReturnType<typeof sum>): ReturnType<typeof sum> {
  return Object.fromEntries(Object.entries(sums).filter(([, [count]]) => count !== 0));
}

describe('the digest of states', () => {
  const states = (): EntityState[] => {
    const west = new OfficeLog('west');
    const one = evolve(null, west.records('a').event);
    const two = evolve(one, west.amends('a', { qty: 5 }, { 'west@1': 1 }).event);
    return [one, two, evolve(two, west.amends('a', { qty: 6 }, { 'west@1': 2 }).event)];
  };

  it('follows each change, and comes to the same as a digest from nothing', () => {
    const [one, two, three] = states();
    const [steps, once] = [new DigestChange(testHasher, 'west'), new DigestChange(testHasher, 'head')];
    steps.stateChanged(null, one!);
    steps.stateChanged(one!, two!);
    steps.stateChanged(two!, three!);
    once.stateChanged(null, three!);
    expect(sum(steps.deltas())).toEqual(sum(once.deltas()));
    expect(steps.deltas()).toEqual([
      {
        dataset: 'sales',
        scope: 'west',
        bucket: bucketOf('a'),
        count: 0,
        events: 0n,
        state: stateNumber(testHasher, three!),
      },
    ]);
  });

  it('is nothing when the entity is gone', () => {
    const change = new DigestChange(testHasher, 'west');
    const [one] = states();
    change.stateChanged(one!, null);
    expect(sum([{ ...change.deltas()[0]!, state: stateNumber(testHasher, one!) }], change.deltas())).toEqual({
      [`sales/west/${bucketOf('a')}`]: [0, 0n, 0n],
    });
    change.stateChanged(null, null);
    expect(change.deltas()).toHaveLength(1);
  });

  it('tells apart what differs by a trailing blank, in case, or in who owns it', () => {
    const [one] = states();
    const others = [
      one!,
      { ...one!, entityId: 'a ' },
      { ...one!, entityId: 'A' },
      { ...one!, scope: 'shared' },
    ];
    expect(new Set(others.map((state) => stateNumber(testHasher, state))).size).toBe(4);
  });
});
