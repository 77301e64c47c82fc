import fc from 'fast-check';
import {
  addDecimals,
  compareDecimals,
  fitsDecimal,
  fromScaled,
  isCanonicalDecimal,
  multiplyDecimals,
  parseDecimal,
  showDecimal,
  subtractDecimals,
  toScaled,
} from '../../domain/decimal.ts';
import { errorType } from '../../domain/errors.ts';
import { caught } from './caught.ts';

/** An exact fraction, the judge: numerator over a power of ten, worked out without the code under test. */
const SCALE = 12;
function exact(text: string): bigint {
  const [whole, fraction = ''] = text.replace('-', '').split('.');
  const magnitude = BigInt(whole! + fraction.padEnd(SCALE, '0'));
  return text.startsWith('-') ? -magnitude : magnitude;
}

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: 0, max: 6 }))
  .map(([scaled, scale]) => fromScaled(scaled, scale));

describe('the canonical form', () => {
  it.each(['0', '12.5', '945.35', '-0.0001', '99999999999999.9999', '100', '-7'])(
    '%s is canonical',
    (text) => {
      expect(isCanonicalDecimal(text)).toBe(true);
      expect(parseDecimal(text)).toBe(text);
    },
  );

  it.each<[string, string]>([
    ['12.50', '12.5'],
    ['0012', '12'],
    ['+3', '3'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['0.1000', '0.1'],
    ['-007.070', '-7.07'],
  ])('%s is read as %s', (text, canonical) => {
    expect(isCanonicalDecimal(text)).toBe(false);
    expect(parseDecimal(text)).toBe(canonical);
  });

  it.each([
    '',
    ' ',
    '1e3',
    '1,5',
    '.5',
    '5.',
    '--1',
    '0x10',
    'NaN',
    'Infinity',
    '1 000',
    '١',
    ' 1',
    '1\n',
    '9'.repeat(65),
  ])('"%s" is no decimal', (text) => {
    expect(isCanonicalDecimal(text) && text.length <= 64).toBe(false);
    expect(parseDecimal(text)).toBeNull();
  });

  it('is the same for equal numbers, and every result is in it', () => {
    fc.assert(
      fc.property(decimals, fc.nat(3), fc.nat(3), (value, zerosBefore, zerosAfter) => {
        const magnitude = value.replace('-', '');
        const longer = (magnitude.includes('.') ? magnitude : `${magnitude}.0`) + '0'.repeat(zerosAfter);
        expect(parseDecimal(`${value.startsWith('-') ? '-' : ''}${'0'.repeat(zerosBefore)}${longer}`)).toBe(
          value,
        );
        expect(isCanonicalDecimal(value)).toBe(true);
      }),
    );
  });
});

describe('the limits of a column', () => {
  it.each<[string, boolean]>([
    ['99999999999999.9999', true],
    ['-99999999999999.9999', true],
    ['100000000000000', false],
    ['0.00001', false],
    ['0', true],
  ])('decimal(18,4) holds %s: %s', (value, expected) => expect(fitsDecimal(value, 18, 4)).toBe(expected));

  it('are as narrow as declared', () => {
    expect(fitsDecimal('9.99', 3, 2)).toBe(true);
    expect(fitsDecimal('10', 3, 2)).toBe(false);
    expect(fitsDecimal('0.99', 2, 2)).toBe(true);
    expect(fitsDecimal('1', 2, 2)).toBe(false);
  });

  it('are 14 digits before the point even where more were declared', () =>
    expect(fitsDecimal('1'.repeat(15), 30, 4)).toBe(false));
});

describe('arithmetic', () => {
  it('is that of the sample sheet', () => {
    expect(multiplyDecimals('73', '12.95')).toBe('945.35');
    expect(addDecimals('945.35', '66.17')).toBe('1011.52');
    expect(multiplyDecimals('40', '2.19')).toBe('87.6');
  });

  it('agrees with exact fractions', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(exact(addDecimals(a, b))).toBe(exact(a) + exact(b));
        expect(exact(subtractDecimals(a, b))).toBe(exact(a) - exact(b));
        expect(exact(multiplyDecimals(a, b)) * 10n ** BigInt(SCALE)).toBe(exact(a) * exact(b));
        expect(compareDecimals(a, b)).toBe(exact(a) < exact(b) ? -1 : exact(a) > exact(b) ? 1 : 0);
        for (const result of [addDecimals(a, b), subtractDecimals(a, b), multiplyDecimals(a, b)]) {
          expect(isCanonicalDecimal(result)).toBe(true);
        }
      }),
    );
  });

  it('does not drift over a hundred thousand additions', () => {
    let sum = '0';
    for (let i = 0; i < 100_000; i++) sum = addDecimals(sum, '0.0001');
    expect(sum).toBe('10');
  });
});

describe('showing', () => {
  it.each<[string, string]>([
    ['0', '0.00'],
    ['12.5', '12.50'],
    ['12.95', '12.95'],
    ['-1.2345', '-1.2345'],
    ['1011.52', '1011.52'],
  ])('%s as %s', (value, shown) => expect(showDecimal(value)).toBe(shown));

  it('takes another number of places', () => expect(showDecimal('1.5', 4)).toBe('1.5000'));
});

describe('whole numbers of the smallest place', () => {
  it('stand for the decimal, to the last digit a 64-bit integer has', () => {
    expect(toScaled('99999999999999.9999', 4)).toBe(999_999_999_999_999_999n);
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }),
        fc.integer({ min: 0, max: 6 }),
        (scaled, scale) => {
          expect(toScaled(fromScaled(scaled, scale), scale)).toBe(scaled);
        },
      ),
    );
  });

  it.each(['0.12345', '1.0', 'x', '-0'])('refuse %s', (value) =>
    expect(errorType(caught(() => toScaled(value, 4)))).toBe('invalid-value'),
  );
});
