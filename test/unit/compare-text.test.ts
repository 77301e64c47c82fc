import fc from 'fast-check';
import { compareText } from '../../domain/event.ts';

/** Well-formed text, rich in the code points around which UTF-8 and UTF-16 order differently. */
const text = fc.string({
  unit: fc.constantFrom('', 'a', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
});

it('puts text in the byte order of UTF-8', () =>
  fc.assert(
    fc.property(text, text, (a, b) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareText(a, b))).toBe(expected);
    }),
    { numRuns: 2_000 },
  ));

it('tells apart what differs only in case or in a trailing blank', () => {
  expect(compareText('west', 'West')).toBeGreaterThan(0);
  expect(compareText('west', 'west ')).toBeLessThan(0);
  expect(compareText('west', 'west')).toBe(0);
});
