import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { errorType } from '../../domain/errors.ts';
import type { UpMessage } from '../../domain/sync/messages.ts';
import { decodeDown, decodeUp, encodeMessage, MAX_BODY_BYTES } from '../../mixins/link/envelope.ts';
import { pack } from '../../mixins/link/message-pack.ts';
import { bytesOf, DOWN_MESSAGES, UP_MESSAGES } from '../contract/link-messages.ts';
import { batchOf, refusal, summed, wrapped } from './envelopes.ts';

/** A zstd frame of one uncompressed block, RFC 8878. */
function rawFrame(content: Uint8Array, windowLog: number): Uint8Array {
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, (windowLog - 10) << 3), block, content]);
}

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
