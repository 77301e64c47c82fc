import fc from 'fast-check';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { checkBatch } from '../../domain/sync/batch.ts';
import type { Batch } from '../../domain/sync/messages.ts';
import { caught } from './caught.ts';
import { OfficeLog } from './sync-log.ts';
import { testHasher } from './test-hasher.ts';

function log(length: number): OfficeLog {
  const west = new OfficeLog('west');
  for (let i = 0; i < length; i++) west.writes({});
  return west;
}

/** Two histories of one office that part after `shared` events. */
function parted(shared: number, length: number): [OfficeLog, OfficeLog] {
  const [one, other] = [log(shared), new OfficeLog('west')];
  one.events.forEach((event) => other.writes(event.event));
  for (let i = shared; i < length; i++) [one, other].forEach((life) => life.writes({}));
  return [one, other];
}

const check = (cursor: typeof START_OF_CHAIN, batch: Batch, grantedEpoch = 1) =>
  checkBatch(testHasher, cursor, grantedEpoch, batch);
const refusal = (batch: Batch) => caught(() => check(START_OF_CHAIN, batch));

describe('a batch', () => {
  it('fits behind the cursor', () => {
    const west = log(5);
    expect(check(west.pointAt(2), west.after(2))).toEqual({
      verdict: 'fits',
      events: west.events.slice(2),
      tail: west.end,
    });
  });

  it('that overlaps gives what is new', () => {
    const west = log(5);
    expect(check(west.pointAt(3), west.after(1))).toEqual({
      verdict: 'fits',
      events: west.events.slice(3),
      tail: west.end,
    });
  });

  it('that is known to its end gives nothing new', () => {
    const west = log(5);
    expect(check(west.end, west.after(1))).toEqual({ verdict: 'fits', events: [], tail: west.end });
  });

  it('of the past names where to look', () => {
    const west = log(5);
    const last = { seq: 3, hash: west.pointAt(3).hash };
    expect(check(west.end, west.after(1, 3))).toEqual({ verdict: 'old', last });
  });

  it('beyond the end leaves a gap', () => {
    const west = log(5);
    expect(check(west.pointAt(2), west.after(3))).toEqual({ verdict: 'gap' });
  });

  it('without events changes nothing', () => {
    const west = log(2);
    expect(check(west.pointAt(2), west.after(2))).toMatchObject({ verdict: 'fits', events: [] });
  });

  it('whole or in parts, anywhere, gives just what follows the cursor', () => {
    const west = log(12);
    const places = fc.tuple(fc.nat(12), fc.nat(12), fc.nat(12));
    fc.assert(
      fc.property(places, ([a, b, at]) => {
        const [from, upTo] = a < b ? [a, b] : [b, a];
        const checked = check(west.pointAt(at), west.after(from, upTo));
        if (from > at) expect(checked.verdict).toBe('gap');
        else if (from < upTo && upTo < at)
          expect(checked).toMatchObject({ verdict: 'old', last: { seq: upTo } });
        else expect(checked).toMatchObject({ verdict: 'fits', events: west.events.slice(at, upTo) });
      }),
    );
  });
});

describe('a fork', () => {
  it('is a batch that follows another history', () => {
    const [one, other] = parted(2, 5);
    expect(check(one.pointAt(3), other.after(3))).toEqual({ verdict: 'fork' });
  });

  it('is one that overlaps with another history', () => {
    const [one, other] = parted(2, 5);
    expect(check(one.pointAt(4), other.after(1))).toEqual({ verdict: 'fork' });
  });

  it('is one that ends at the cursor in another history', () => {
    const [one, other] = parted(2, 5);
    expect(check(one.pointAt(4), other.after(1, 4))).toEqual({ verdict: 'fork' });
  });

  it('is no fork as long as the histories are one', () => {
    const [one, other] = parted(2, 5);
    expect(check(one.pointAt(2), other.after(0))).toMatchObject({ verdict: 'fits' });
  });

  it('is one that goes back to an earlier epoch', () => {
    const west = new OfficeLog('west');
    west.writes({ epoch: 2 });
    west.writes({ epoch: 1 });
    expect(check(west.pointAt(1), west.after(1), 2)).toEqual({ verdict: 'fork' });
    expect(check(START_OF_CHAIN, west.after(0), 2)).toEqual({ verdict: 'fork' });
  });
});

describe('an epoch', () => {
  it('that was granted goes on in the chain', () => {
    const west = log(2);
    west.writes({ epoch: 3 });
    expect(check(west.pointAt(2), west.after(2), 3)).toMatchObject({
      verdict: 'fits',
      tail: { epoch: 3, seq: 3 },
    });
  });

  it('that the head does not remember to have granted makes the branch greet', () => {
    const west = log(2);
    west.writes({ epoch: 3 });
    expect(check(west.pointAt(2), west.after(2), 2)).toEqual({ verdict: 'fork' });
  });
});

describe('a batch that contradicts itself is refused', () => {
  const flawed: [string, (west: OfficeLog) => Partial<Batch>][] = [
    ['its bytes do not give its hash', () => ({ after: new Uint8Array(32) })],
    ['the hash before it is another one', () => ({ before: new Uint8Array(32).fill(1) })],
    ['a byte is missing', ({ bytes }) => ({ events: [bytes[0]!.slice(1), ...bytes.slice(1)] })],
    ['an event is left out', ({ bytes }) => ({ events: [bytes[0]!, bytes[2]!] })],
    ['events change places', ({ bytes }) => ({ events: [bytes[1]!, bytes[0]!, bytes[2]!] })],
    ['it begins elsewhere', () => ({ firstSeq: 2 })],
    ['another office wrote an event of it', ({ bytes }) => ({ events: [...bytes.slice(0, 2), eastern(3)] })],
    [
      'it is not canonical',
      ({ bytes }) => ({ events: [Buffer.concat([bytes[0]!, Buffer.from(' ')]), ...bytes.slice(1)] }),
    ],
  ];

  function eastern(seq: number): Uint8Array {
    const east = new OfficeLog('east', { epoch: 1, seq: seq - 1, hash: START_OF_CHAIN.hash });
    return east.writes({}).bytes;
  }

  it.each(flawed)('%s', (_, change) => {
    const west = log(3);
    expect(refusal({ ...west.after(0), ...change(west) })).toMatchObject({ type: 'batch-refused' });
    expect(refusal(west.after(0))).toBeNull();
  });

  it('another office wrote all of it, chained as it should be', () => {
    const east = new OfficeLog('east');
    east.writes({});
    expect(refusal(east.after(0))).toBeNull();
    expect(refusal({ ...east.after(0), office: 'west' })).toMatchObject({
      type: 'batch-refused',
      data: { office: 'west', why: 'an event by east is in it' },
    });
  });
});
