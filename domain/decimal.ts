import { invalidValue } from './errors.ts';

/**
 * An exact decimal as events and answers carry it: no exponent, no plus sign, no needless zeros, never "-0".
 * `12.5`, `945.35`, `0`. Arithmetic is on whole numbers of the smallest place, never on floats.
 */
export type Decimal = string;

/** More than any database here keeps exactly before the point with four places behind it in 64 bits. */
export const MAX_WHOLE_DIGITS = 14;
/** What a 64-bit integer holds, before and behind the point together. */
export const MAX_DIGITS = 18;

const CANONICAL = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;
const PLAIN = /^([+-]?)(\d+)(?:\.(\d+))?$/;
const LONGEST_INPUT = 64;

export function isCanonicalDecimal(text: string): boolean {
  return CANONICAL.test(text) && text !== '-0';
}

/** The canonical form of a number written by people (`007.50`, `+5`): null for anything else, and for `1e3`. */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > LONGEST_INPUT) return null;
  const parts = PLAIN.exec(text);
  if (parts === null) return null;
  const [, sign, whole, fraction = ''] = parts;
  const scaled = BigInt(whole! + fraction);
  return fromScaled(sign === '-' ? -scaled : scaled, fraction.length);
}

/** Digits behind the point. */
export function placesOf(value: Decimal): number {
  const point = value.indexOf('.');
  return point < 0 ? 0 : value.length - point - 1;
}

function wholeDigitsOf(value: Decimal): number {
  const start = value.startsWith('-') ? 1 : 0;
  const point = value.indexOf('.');
  const end = point < 0 ? value.length : point;
  return value[start] === '0' ? 0 : end - start;
}

/** Whether a column `decimal(precision, scale)` keeps the value as it is. */
export function fitsDecimal(value: Decimal, precision: number, scale: number): boolean {
  const wholeDigits = Math.min(precision - scale, MAX_WHOLE_DIGITS);
  return placesOf(value) <= scale && wholeDigitsOf(value) <= wholeDigits;
}

/** The value as a whole number of units of 10^-scale: what SQLite stores. Exact, or refused. */
export function toScaled(value: Decimal, scale: number): bigint {
  const places = placesOf(value);
  if (places > scale || !isCanonicalDecimal(value))
    throw invalidValue(value, `is no decimal of ${scale} places`);
  return BigInt(value.replace('.', '') + '0'.repeat(scale - places));
}

export function fromScaled(scaled: bigint, scale: number): Decimal {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(scale + 1, '0');
  const sign = scaled < 0n ? '-' : '';
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(placesOf(a), placesOf(b));
  return fromScaled(toScaled(a, scale) + toScaled(b, scale), scale);
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(placesOf(a), placesOf(b));
  return fromScaled(toScaled(a, scale) - toScaled(b, scale), scale);
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  const [placesA, placesB] = [placesOf(a), placesOf(b)];
  return fromScaled(toScaled(a, placesA) * toScaled(b, placesB), placesA + placesB);
}

/** Negative, zero or positive, as a comes before, with or after b. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(placesOf(a), placesOf(b));
  const difference = toScaled(a, scale) - toScaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** For people: at least `minPlaces` digits behind the point, never fewer than the value has. */
export function showDecimal(value: Decimal, minPlaces = 2): string {
  const missing = minPlaces - placesOf(value);
  if (missing <= 0) return value;
  return `${value}${value.includes('.') ? '' : '.'}${'0'.repeat(missing)}`;
}

const SORTABLE_WHOLE = 20;
const SORTABLE_PLACES = 18;

/** Text of a decimal from zero up that sorts as numbers do, wherever text is compared byte by byte. */
export function sortableDecimal(value: Decimal): string {
  const [whole, places = ''] = value.split('.');
  return `${whole!.padStart(SORTABLE_WHOLE, '0')}.${places.padEnd(SORTABLE_PLACES, '0')}`;
}
