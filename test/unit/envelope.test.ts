import { createHash, randomBytes } from 'node:crypto';
import { crc32, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { errorType } from '../../domain/errors.ts';
import type { Batch, UpMessage } from '../../domain/sync/messages.ts';
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
import { bytesOf, DOWN_MESSAGES, hashOf, UP_MESSAGES } from '../contract/link-messages.ts';

const DICTIONARY_HASH = '517997f411f7245fa61a46120655f66bc736d3286fcb4776da80bfcb1afee00e';
const WRITTEN_WITH_DICTIONARY =
  'twECAABOtb9NKLUv/WBIAKUDAOQDiKSlpqR3ZXN0qKlwcm9jZXNzLTGloW6oZmlyc3RTZXEBpsQgB6WmkcSwNDk6MzEyM1BhcGVyV2VzdDQifX0TAOAQ' +
  'CYRHCghaA5CKpVkB8AHagHD715gYM3ZLedyVr4trQ1V5/lv5+rYyKTCHVj4GnZXb';

/** With the sum that it should have. */
function summed(plan: Uint8Array, rest: Uint8Array): Uint8Array {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(Buffer.concat([plan, rest])));
  return Buffer.concat([plan, sum, rest]);
}

const wrapped = (body: Uint8Array, { version = 1, codec = 0, signature = 0 } = {}): Uint8Array =>
  summed(
    Uint8Array.of(0xb7, version, codec, signature >> 8, signature & 0xff),
    Buffer.concat([bytesOf(signature), body]),
  );

const batchOf = (events: Uint8Array[]): Batch => ({
  kind: 'batch',
  office: 'west',
  instance: 'process-1',
  nonce: 'n',
  firstSeq: 1,
  before: hashOf(0),
  after: hashOf(1),
  events,
});

function refusal(action: () => unknown): { type: string; why: unknown } {
  try {
    action();
  } catch (error) {
    return { type: errorType(error), why: (error as { data?: { why?: unknown } }).data?.why };
  }
  throw new Error('nothing was thrown');
}

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

/** A zstd frame of one uncompressed block, RFC 8878. */
function rawFrame(content: Uint8Array, windowLog: number): Uint8Array {
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3), block, content]);
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

describe('what is wrong is refused with the reason', () => {
  const batch = batchOf([bytesOf(5)]);
  const changed = (change: object): Uint8Array => wrapped(pack({ ...batch, ...change }));
  const zstd = (body: Uint8Array, from = 0, to = body.length): Uint8Array =>
    wrapped(zstdCompressSync(body).subarray(from, to), { codec: 1 });

  it.each<[string, Uint8Array, string]>([
    ['nothing', Uint8Array.of(), 'is 0 bytes long'],
    ['a header alone', wrapped(Uint8Array.of()), 'cut short'],
    ['JSON', new TextEncoder().encode('{"kind":"batch"}'), 'is not one of Branchline'],
    ['an unknown codec', wrapped(pack(batch), { codec: 9 }), 'unknown codec 9'],
    [
      'a signature longer than the message',
      summed(Uint8Array.of(0xb7, 1, 0, 0xff, 0xff), Uint8Array.of(1)),
      'cut short',
    ],
    ['zstd that is none', wrapped(bytesOf(50), { codec: 1 }), ''],
    ['zstd cut short', zstd(pack(batch), 0, 40), ''],
    ['a body cut short', wrapped(pack(batch).subarray(0, 60)), 'cut short'],
    ['bytes after the body', wrapped(Buffer.concat([pack(batch), bytesOf(3)])), '3 bytes follow'],
    ['an extension type', wrapped(Uint8Array.of(0xc7, 1, 0x72, 0)), 'not used in messages'],
    [
      'a list longer than the message',
      wrapped(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)),
      'a list of 4294967295',
    ],
    [
      'a map longer than the message',
      wrapped(Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff)),
      'a map of 4294967295',
    ],
    ['lists without end', wrapped(new Uint8Array(5000).fill(0x91)), 'nested more than'],
    [
      'a field named __proto__',
      wrapped(pack(JSON.parse('{"__proto__": {"kind": "bye"}}'))),
      'no name of a field',
    ],
    ['a number', wrapped(pack(7)), '.kind is no kind'],
    ['nothing at all', wrapped(pack(null)), '.kind is no kind'],
    ['an unknown kind', changed({ kind: 'constructor' }), '.kind is no kind'],
    ['a message for the other side', wrapped(pack(DOWN_MESSAGES[2])), '.kind is no kind'],
    ['a missing field', changed({ nonce: undefined }), ''],
    ['an office that is none', changed({ office: 'West' }), 'batch.office is not an office id'],
    ['a short hash', changed({ before: bytesOf(31) }), 'batch.before is not 32 bytes'],
    ['a hash as text', changed({ before: 'x'.repeat(32) }), 'batch.before is not 32 bytes'],
    ['a fraction', changed({ firstSeq: 1.5 }), 'batch.firstSeq is not an integer'],
    ['a number past exactness', changed({ firstSeq: 2 ** 60 }), 'batch.firstSeq is not an integer'],
    ['seq 0', changed({ firstSeq: 0 }), 'batch.firstSeq is not an integer from 1'],
    ['an empty event', changed({ events: [bytesOf(3), bytesOf(0)] }), 'batch.events[1] is not 1 to'],
    ['no list of events', changed({ events: {} }), 'batch.events is not a list'],
    [
      'too many events',
      changed({ events: Array(100_001).fill(bytesOf(1)) }),
      'batch.events is not a list of at most',
    ],
  ])('%s', (_, envelope, why) => {
    const refused = refusal(() => decodeUp(envelope));
    expect(refused.type).toBe('undecodable');
    expect(refused.why).toContain(why);
  });

  it('a message of which any one bit was changed, or any part is missing', () => {
    const envelope = encodeMessage(DOWN_MESSAGES.find(({ kind }) => kind === 'pulled')!);
    for (let bit = 0; bit < 8 * envelope.length; bit++) {
      const damaged = Uint8Array.from(envelope);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodeDown(damaged)).toThrow();
    }
    for (let length = 0; length < envelope.length; length++)
      expect(() => decodeDown(envelope.subarray(0, length))).toThrow();
  });

  it('a message that unfolds to more than the limit costs no more memory than the limit', () => {
    const bomb = zstdCompressSync(new Uint8Array(4 * MAX_BODY_BYTES));
    expect(bomb.length).toBeLessThan(20_000);
    expect(refusal(() => decodeUp(wrapped(bomb, { codec: 1 }))).type).toBe('undecodable');
    expect(refusal(() => decodeUp(wrapped(bomb, { codec: 2 }))).type).toBe('undecodable');
  });

  it.each([
    ['empty lists', 0x90],
    ['empty maps', 0x80],
  ])('a message of so many %s that they would not fit into memory, though their bytes do', (_, token) => {
    const many = new Uint8Array(MAX_BODY_BYTES).fill(token);
    many.set([0xdd, 0, 0xf0, 0, 0]); // a list of 15 million
    const bomb = zstdCompressSync(many);
    expect(bomb.length).toBeLessThan(20_000);
    const before = process.memoryUsage().heapUsed;
    expect(refusal(() => decodeUp(wrapped(bomb, { codec: 1 })))).toMatchObject({ type: 'undecodable' });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('a message of many lists within each other, whose sum is too much', () => {
    const lists = new Uint8Array(3_000_000);
    for (let at = 0; at < lists.length; at += 4) lists.set([0x93, 0x90, 0x90, 0x90], at);
    lists.set([0xdd, 0, 0x0a, 0, 0]); // a list of 655,360 lists of three
    expect(refusal(() => decodeUp(wrapped(lists)))).toMatchObject({ why: 'more than 1000000 values' });
  });

  it('a frame that asks for a window larger than any message has', () => {
    expect(decodeUp(wrapped(rawFrame(pack(batch), 20), { codec: 1 }))).toStrictEqual(batch);
    expect(refusal(() => decodeUp(wrapped(rawFrame(pack(batch), 27), { codec: 1 }))).type).toBe(
      'undecodable',
    );
  });

  it('never anything but a refusal, however a message is damaged', () => {
    const intact = UP_MESSAGES.map(encodeMessage);
    const damage = fc.record({
      which: fc.nat(intact.length - 1),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      byte: fc.nat(255),
    });
    fc.assert(
      fc.property(damage, ({ which, at, byte }) => {
        const damaged = Buffer.from(intact[which]!);
        damaged[Math.floor(at * (damaged.length - 1))] = byte;
        try {
          decodeUp(damaged);
        } catch (error) {
          expect(['undecodable', 'wire-version-unknown']).toContain(errorType(error));
        }
      }),
      { seed: 11, numRuns: 2000 },
    );
  });

  it('is not sent either', () => {
    const wrong = { ...batch, before: bytesOf(3) } as UpMessage;
    expect(refusal(() => encodeMessage(wrong)).type).toBe('invariant-broken');
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
