import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import {
  decodeDown,
  decodeUp,
  encodeMessage,
  MAX_BODY_BYTES,
  MAX_MESSAGE_BYTES,
  negotiateWireVersion,
  WIRE_VERSION,
} from '../../mixins/link/envelope.ts';
import { pack } from '../../mixins/link/message-pack.ts';
import { WIRE_DICTIONARY } from '../../mixins/link/wire-dictionary.ts';
import { bytesOf, DOWN_MESSAGES, UP_MESSAGES } from '../contract/link-messages.ts';
import { batchOf, refusal, wrapped } from './envelopes.ts';

const DICTIONARY_HASH = '517997f411f7245fa61a46120655f66bc736d3286fcb4776da80bfcb1afee00e';
const WRITTEN_WITH_DICTIONARY =
  'twECAABOtb9NKLUv/WBIAKUDAOQDiKSlpqR3ZXN0qKlwcm9jZXNzLTGloW6oZmlyc3RTZXEBpsQgB6WmkcSwNDk6MzEyM1BhcGVyV2VzdDQifX0TAOAQ' +
  'CYRHCghaA5CKpVkB8AHagHD715gYM3ZLedyVr4trQ1V5/lv5+rYyKTCHVj4GnZXb';

const hex = (length: number, from: () => number): string =>
  Array.from({ length }, () => (from() & 0xf).toString(16)).join('');

/** A sale as the log keeps it: two random ids, some money, the rest alike. */
function saleBytes(i: number, random: () => number): Uint8Array {
  const id = (): string =>
    `01978f3a-${hex(4, random)}-7${hex(3, random)}-9${hex(3, random)}-${hex(12, random)}`;
  const qty = 1 + (random() % 50);
  const data = {
    cost: `${random() % 100}.${1000 + (random() % 9000)}`,
    product: 'Paper',
    qty,
    region: 'West',
  };
  const event = {
    actor: 'till-1',
    at: `2026-04-01T09:30:${10 + (i % 50)}.${100 + (random() % 900)}Z/0000`,
    clock: { 'west@1': 1000 + i },
    data: { ...data, soldOn: '2026-04-01', tax: '0.0000' },
    ...{ dataset: 'sales', entityId: id(), epoch: 1, id: id(), office: 'west', scope: 'west', seq: 1000 + i },
    ...{ type: 'SaleRecorded', version: 1 },
  };
  return new TextEncoder().encode(JSON.stringify(event));
}

/** Numerical Recipes' linear congruential generator: the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 12;
  };
}

describe('what is sent is what arrives', () => {
  it.each(UP_MESSAGES.map((message) => [message.kind, message] as const))('%s', (_, message) => {
    expect(decodeUp(encodeMessage(message))).toStrictEqual(message);
  });

  it.each(DOWN_MESSAGES.map((message) => [message.kind, message] as const))('%s', (_, message) => {
    expect(decodeDown(encodeMessage(message))).toStrictEqual(message);
  });

  it('whatever the bytes are', () => {
    const anyEvents = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 20 });
    fc.assert(
      fc.property(anyEvents, (events) => {
        expect(decodeUp(encodeMessage(batchOf(events)))).toStrictEqual(batchOf(events));
      }),
      { seed: 7 },
    );
  });

  it('also when it stands in the middle of a larger buffer', () => {
    const message = UP_MESSAGES[0]!;
    const padded = Buffer.concat([bytesOf(9), encodeMessage(message), bytesOf(9)]);
    expect(decodeUp(padded.subarray(9, -9))).toStrictEqual(message);
  });

  it('as it was written with the frozen dictionary, for ever', () => {
    const sale =
      '{"actor":"anonymous","at":"2026-04-01T09:30:00.123Z/0000","clock":{"west@1":1},"data":{"cost":"1.25",' +
      '"product":"Paper","qty":1,"region":"West","soldOn":"2026-04-01","tax":"0"}}';
    const [written, before] = [Buffer.from(WRITTEN_WITH_DICTIONARY, 'base64'), new Uint8Array(32).fill(7)];
    const batch = { ...batchOf([new TextEncoder().encode(sale)]), before, after: before };
    expect(createHash('sha256').update(WIRE_DICTIONARY).digest('hex')).toBe(DICTIONARY_HASH);
    expect(written[2]).toBe(2);
    expect(decodeUp(written)).toStrictEqual(batch);
  });

  it('with a signature that this version does not know', () => {
    const message = UP_MESSAGES[2]!;
    expect(decodeUp(wrapped(pack(message), { signature: 300 }))).toStrictEqual(message);
  });
});

describe('size', () => {
  it('500 sales travel in less than 64 bytes each', () => {
    const random = seeded(1);
    const events = Array.from({ length: 500 }, (_, i) => saleBytes(i, random));
    expect(events[0]!.length).toBeGreaterThan(330);
    expect(encodeMessage(batchOf(events)).length / 500).toBeLessThan(64);
  });

  it('one sale travels with all that is said of it in 400 bytes, most of them ids and hashes', () => {
    const sale = saleBytes(1, seeded(1));
    const session = {
      instance: '01978f3a-7d1c-7e11-9f00-5b1d5a0c7e42',
      nonce: 'c1f0a9be-38d7-4c6a-9e55-0d2b7f61a3c8',
    };
    const message = { ...batchOf([sale]), ...session, before: randomBytes(32), after: randomBytes(32) };
    expect(pack(message).length).toBeGreaterThan(580);
    expect(encodeMessage(message).length).toBeLessThan(400);
  });

  it('what does not compress is not compressed', () => {
    const envelope = encodeMessage(batchOf([randomBytes(2000)]));
    expect(envelope[2]).toBe(0);
    expect(envelope.length).toBeLessThan(2250);
  });

  it('a message over the limit is refused before it is sent', () => {
    const noise = batchOf(Array.from({ length: 8 }, () => randomBytes(MAX_MESSAGE_BYTES / 8)));
    const zeros = batchOf(Array.from({ length: 13 }, () => new Uint8Array(MAX_BODY_BYTES / 12)));
    expect(refusal(() => encodeMessage(noise)).type).toBe('message-too-large');
    expect(refusal(() => encodeMessage(zeros)).type).toBe('message-too-large');
  });
});

describe('wire versions', () => {
  it('a message of a version not spoken here says so', () => {
    for (const version of [0, WIRE_VERSION + 1, 255])
      expect(refusal(() => decodeUp(wrapped(pack(UP_MESSAGES[0]), { version }))).type).toBe(
        'wire-version-unknown',
      );
  });

  it.each([
    [1, 1, 1],
    [2, 1, 1],
    [1, 2, 1],
    [3, 1, null],
    [1, 3, null],
    [0, 1, null],
  ])('theirs %p, ours %p: %p', (theirs, ours, spoken) => {
    expect(negotiateWireVersion(theirs, ours)).toBe(spoken);
  });
});
