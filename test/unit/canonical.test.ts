import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { decodeEvent, encodeEvent } from '../../domain/canonical.ts';
import { canonicalJson, canonicalObject, MAX_DEPTH } from '../../domain/canonical-json.ts';
import { errorType, type DomainError } from '../../domain/errors.ts';
import { MAX_EVENT_BYTES, type DomainEvent, type JsonObject, type JsonValue } from '../../domain/event.ts';
import { caught } from './caught.ts';

const VALID: DomainEvent = {
  id: '0190f3a0-0000-7000-8000-000000000001',
  office: 'east',
  epoch: 1,
  seq: 3,
  dataset: 'sales',
  scope: 'east',
  entityId: 'sale-1',
  type: 'SaleRecorded',
  version: 1,
  clock: { 'head@2': 9, 'east@1': 3 },
  at: '2026-04-01T09:30:00.123Z/0000',
  actor: 'ann',
  data: { soldOn: '2026-04-01', qty: 73, cost: '12.95' },
};

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
const withData = (data: unknown): DomainEvent => ({ ...VALID, data: data as JsonObject });

function nested(depth: number): JsonValue {
  let value: JsonValue = 'x';
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
const leaf = fc.oneof(
  text,
  fc.maxSafeInteger().map((n) => n + 0),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.oneof(text, fc.nat(20).map(String)).filter((name) => name !== '__proto__');
const flat = fc.dictionary(key, leaf, { noNullPrototype: false });
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
  ),
}));

describe('the bytes of an event', () => {
  it('are its canonical JSON, whatever the order of its keys', () => {
    const shuffled = Object.fromEntries(Object.entries(VALID).reverse()) as unknown as DomainEvent;
    expect(textOf(encodeEvent(VALID))).toBe(
      '{"actor":"ann","at":"2026-04-01T09:30:00.123Z/0000","clock":{"east@1":3,"head@2":9},' +
        '"data":{"cost":"12.95","qty":73,"soldOn":"2026-04-01"},"dataset":"sales","entityId":"sale-1","epoch":1,' +
        '"id":"0190f3a0-0000-7000-8000-000000000001","office":"east","scope":"east","seq":3,"type":"SaleRecorded",' +
        '"version":1}',
    );
    expect(encodeEvent(shuffled)).toEqual(encodeEvent(VALID));
  });

  it('agree with another implementation of RFC 8785, and read back the same', () => {
    fc.assert(
      fc.property(fc.oneof(flat, fc.dictionary(key, tree)), text, (data, actor) => {
        fc.pre(actor !== '' && actor.length <= 200);
        const event = withData(data);
        const bytes = encodeEvent({ ...event, actor });
        expect(textOf(bytes)).toBe(canonicalize({ ...event, actor }));
        expect(decodeEvent(bytes)).toEqual({ ...event, actor });
      }),
      { numRuns: 500 },
    );
  });

  it('stay what they are while later events are encoded', () => {
    const first = encodeEvent(VALID);
    const copy = Uint8Array.from(first);
    for (let seq = 4; seq < 500; seq++) encodeEvent({ ...VALID, seq, clock: { 'east@1': seq } });
    expect(first).toEqual(copy);
  });

  it.each([
    ['emoji and their joiners', '👩‍👩‍👧 🇦🇹'],
    ['composed and combining characters', '\u00e9 e\u0301'],
    ['trailing blanks', 'Paper  '],
    ['control characters', 'a\tb\r\nc\u0001\u007f\u2028'],
    ['what looks like an escape', '\\u0000 \\ud800 "\\"'],
  ])('keep %s', (_, product) => {
    const bytes = encodeEvent(withData({ product }));
    expect(decodeEvent(bytes).data['product']).toBe(product);
    expect(textOf(bytes)).toBe(canonicalize(withData({ product })));
  });

  it('keep a text of 1 MB', () => {
    const product = 'ä'.repeat(500_000);
    expect(decodeEvent(encodeEvent(withData({ product }))).data['product']).toBe(product);
  });
});

describe('encoding refuses', () => {
  it.each<[string, unknown, string, string]>([
    ['NUL in a text', { product: 'a\0b' }, 'data.product', 'contains a NUL character'],
    ['NUL in a key', { 'a\0': 1 }, 'data.a\0', 'contains a NUL character'],
    ['half a surrogate pair', { product: 'a\ud800' }, 'data.product', 'is not well-formed Unicode'],
    ['half a surrogate pair in a key', { '\udc00': 1 }, 'data.\udc00', 'is not well-formed Unicode'],
    [
      'NUL beside a text that looks like an escape',
      { a: '\\u0041', b: '\0' },
      'data.b',
      'contains a NUL character',
    ],
    ['NaN', { qty: NaN }, 'data.qty', 'is not a number'],
    ['infinity', { qty: -Infinity }, 'data.qty', 'is infinite'],
    ['negative zero', { qty: -0 }, 'data.qty', 'is negative zero'],
    ['a fraction', { cost: 12.95 }, 'data.cost', 'is a fraction; decimals are written as text'],
    ['an unsafe integer', { qty: 2 ** 53 }, 'data.qty', 'is beyond the safe integers'],
    ['undefined', { qty: undefined }, 'data.qty', 'is undefined, which JSON cannot carry'],
    ['a bigint', { qty: 1n }, 'data.qty', 'is bigint, which JSON cannot carry'],
    ['a function', { qty: () => 1 }, 'data.qty', 'is function, which JSON cannot carry'],
    ['a hole in an array', { list: [1, , 2] }, 'data.list[1]', 'is undefined, which JSON cannot carry'],
    [
      'a flaw deep inside',
      { a: [{ b: [null, { c: 0.5 }] }] },
      'data.a[0].b[1].c',
      'is a fraction; decimals are written as text',
    ],
    ['a date object', { soldOn: new Date(0) }, 'data.soldOn', 'is not a plain object'],
    ['a map', { map: new Map() }, 'data.map', 'is not a plain object'],
    [
      'a name that objects treat apart',
      JSON.parse('{"__proto__":1}'),
      'data.__proto__',
      'is a name that no value may have',
    ],
    ['data that is no object', [1], 'data', 'is not an object'],
    ['no data', null, 'data', 'is not an object'],
  ])('%s, naming the place', (_, data, path, reason) => {
    const error = caught(() => encodeEvent(withData(data)));
    expect(error).toMatchObject({ type: 'invalid-value', data: { path, reason } });
  });

  it('what is nested too deep, and not one level less', () => {
    expect(errorType(caught(() => encodeEvent(withData({ deep: nested(MAX_DEPTH) }))))).toBe('invalid-value');
    expect(encodeEvent(withData({ deep: nested(MAX_DEPTH - 1) }))).toBeInstanceOf(Uint8Array);
  });

  it('more than 2 MiB, and not one byte less', () => {
    const overhead = encodeEvent(withData({ product: '' })).length;
    const fits = 'x'.repeat(MAX_EVENT_BYTES - overhead);
    expect(encodeEvent(withData({ product: fits }))).toHaveLength(MAX_EVENT_BYTES);
    const error = caught(() => encodeEvent(withData({ product: `${fits}x` })));
    expect(error).toMatchObject({ type: 'event-too-large', data: { actual: MAX_EVENT_BYTES + 1 } });
  });

  it.each<[string, Partial<Record<keyof DomainEvent | 'extra', unknown>>]>([
    ['id', { id: '0190F3A0-0000-7000-8000-000000000001' }],
    ['id', { id: 'x' }],
    ['office', { office: 'East', clock: { 'East@1': 3 } }],
    ['office', { office: 'shared', clock: { 'shared@1': 3 } }],
    ['office', { office: ['east'] }],
    ['scope', { scope: 'so uth' }],
    ['dataset', { dataset: 'Sales' }],
    ['dataset', { dataset: 's'.repeat(33) }],
    ['type', { type: 'saleRecorded' }],
    ['type', { type: 'SaleRecorded2' }],
    ['epoch', { epoch: 0, clock: { 'east@0': 3 } }],
    ['seq', { seq: 1.5 }],
    ['seq', { seq: '3' }],
    ['version', { version: 0 }],
    ['entityId', { entityId: '' }],
    ['entityId', { entityId: 'x'.repeat(129) }],
    ['entityId', { entityId: 'a\nb' }],
    ['entityId', { entityId: 'a\u0085' }],
    ['entityId', { entityId: '\ud800' }],
    ['actor', { actor: '' }],
    ['actor', { actor: 'x'.repeat(201) }],
    ['actor', { actor: 'a\0' }],
    ['at', { at: '2026-04-01T09:30:00Z' }],
    ['at', { at: '2026-02-30T09:30:00.000Z/0000' }],
    ['at', { at: '0000-01-01T00:00:00.000Z/0000' }],
    ['at', { at: '2026-04-01T24:00:00.000Z/0000' }],
    ['at', { at: '2026-04-01T09:30:00.123Z/000G' }],
    ['clock', { clock: { 'east@1': 2 } }],
    ['clock', { clock: {} }],
    ['clock', { clock: null }],
    ['clock', { clock: { 'east@1': 3, head: 1 } }],
    ['clock', { clock: { 'east@1': 3, 'head@0': 1 } }],
    ['clock', { clock: { 'east@1': 3, 'head@1': 0 } }],
    ['extra', { extra: 1 }],
  ])('a bad %s: %j', (path, change) => {
    const error = caught(() => encodeEvent({ ...VALID, ...change } as DomainEvent));
    expect(error).toMatchObject({ type: 'invalid-value', data: { path } });
  });

  it.each(['a ', 'A', ' a', 'x'.repeat(128), '👍'.repeat(128)])('not the entity id "%s"', (entityId) => {
    expect(decodeEvent(encodeEvent({ ...VALID, entityId })).entityId).toBe(entityId);
  });

  it('not the last moment of February in a leap year', () => {
    const at = '2024-02-29T23:59:59.999Z/ffff';
    expect(decodeEvent(encodeEvent({ ...VALID, at })).at).toBe(at);
  });
});

describe('decoding hostile bytes', () => {
  const good = textOf(encodeEvent(VALID));
  const refused = (bytes: Uint8Array) =>
    expect(errorType(caught(() => decodeEvent(bytes)))).toBe('undecodable-event');

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a number', '1'],
    ['an array', '[]'],
    ['an empty object', '{}'],
    ['a blank at the end', `${good} `],
    ['a byte order mark', `\ufeff${good}`],
    ['keys in another order', JSON.stringify(VALID)],
    ['a duplicate key', good.replace('"seq":3', '"seq":2,"seq":3')],
    ['a duplicate key in the data', good.replace('"qty":73', '"qty":1,"qty":73')],
    ['another way to write a number', good.replace('"qty":73', '"qty":7.3e1')],
    ['a fraction', good.replace('"qty":73', '"qty":0.5')],
    ['negative zero', good.replace('"qty":73', '"qty":-0')],
    ['a number that is no longer what was sent', good.replace('"qty":73', '"qty":9007199254740993')],
    ['needless escapes', good.replace('"ann"', '"\\u0061nn"')],
    ['an escaped NUL', good.replace('"ann"', '"\\u0000"')],
    ['an escaped lone surrogate', good.replace('"ann"', '"\\ud800"')],
    ['a __proto__ key', good.replace('"qty":73', '"__proto__":{"polluted":1},"qty":73')],
    ['a __proto__ key in the envelope', good.replace('"actor"', '"__proto__":{"a":1},"actor"')],
    ['an unknown envelope field', good.replace('"version":1', '"version":1,"what":1')],
    ['a missing envelope field', good.replace(',"version":1', '')],
    ['an office in an array', good.replace('"office":"east"', '"office":["east"]')],
    [
      'data nested a hundred thousand deep',
      good.replace('73', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    ],
  ])('refuses %s', (_, hostile) => refused(bytesOf(hostile)));

  it('refuses bytes that are no UTF-8', () => {
    const bytes = bytesOf(good.replace('ann', 'a\u00e4n'));
    bytes[bytes.indexOf(0xc3)] = 0xff;
    refused(bytes);
    refused(Uint8Array.from([0xc0, 0x80]));
  });

  it('refuses what is too large before reading it', () => refused(new Uint8Array(MAX_EVENT_BYTES + 1)));

  it('takes nothing whose encoding would differ, and never fails in another way', () => {
    const original = encodeEvent(VALID);
    fc.assert(
      fc.property(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 }), (place, byte) => {
        const bytes = Uint8Array.from(original);
        bytes[place] = byte;
        const result = caught(() => decodeEvent(bytes));
        if (result === null) expect(encodeEvent(decodeEvent(bytes))).toEqual(bytes);
        else expect((result as DomainError).type).toBe('undecodable-event');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('canonical JSON', () => {
  it('is the same in one stroke and step by step', () => {
    fc.assert(
      fc.property(flat, (object) => {
        expect(canonicalObject(object, '')).toBe(canonicalize(object));
        expect(canonicalJson(object, '')).toBe(canonicalize(object));
      }),
      { numRuns: 500 },
    );
  });
});
