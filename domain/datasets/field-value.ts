import { isCalendarDate, isInstant } from '../calendar.ts';
import { fitsDecimal, isCanonicalDecimal, parseDecimal } from '../decimal.ts';
import type { JsonValue } from '../event.ts';
import { flawOfText, hasControlCharacters, isLongerThan } from '../text.ts';
import type { FieldType } from './dataset.ts';

/** A value ready for an event, or why it is none. Reasons complete "qty ...". */
export type Checked = { readonly value: JsonValue } | { readonly reason: string };

type TypeOf<Kind extends FieldType['kind']> = Extract<FieldType, { kind: Kind }>;

const MAX_REFERENCE_LENGTH = 128;
const EXACT_FLOAT_DIGITS = 15;

const good = (value: JsonValue): Checked => ({ value });
const bad = (reason: string): Checked => ({ reason });

/** Takes what a client sends for a field, and gives the one canonical value that stands for it. */
export function checkValue(type: FieldType, input: unknown): Checked {
  switch (type.kind) {
    case 'text':
      return checkText(input, type.maxLength);
    case 'integer':
      return checkInteger(type, input);
    case 'decimal':
      return checkDecimal(type, input);
    case 'date':
      return typeof input === 'string' && isCalendarDate(input)
        ? good(input)
        : bad('must be a date as YYYY-MM-DD, from 0001-01-01 to 9999-12-31');
    case 'timestamp':
      return checkTimestamp(input);
    case 'boolean':
      return typeof input === 'boolean' ? good(input) : bad('must be true or false');
    case 'enum':
      return typeof input === 'string' && type.values.includes(input)
        ? good(input)
        : bad(`must be one of ${type.values.join(', ')}`);
    case 'reference':
      return checkReference(input);
  }
}

/** Whether an event may carry the value as it is: what `checkValue` gives back unchanged. */
export function isCanonicalValue(type: FieldType, value: JsonValue): boolean {
  if (type.kind === 'decimal') {
    return (
      typeof value === 'string' && isCanonicalDecimal(value) && fitsDecimal(value, type.precision, type.scale)
    );
  }
  const checked = checkValue(type, value);
  return 'value' in checked && checked.value === value;
}

function checkText(input: unknown, maxLength: number): Checked {
  if (typeof input !== 'string') return bad('must be text');
  const flaw = flawOfText(input);
  if (flaw !== null) return bad(flaw);
  return isLongerThan(input, maxLength) ? bad(`must have at most ${maxLength} characters`) : good(input);
}

function checkInteger({ min, max }: TypeOf<'integer'>, input: unknown): Checked {
  if (!Number.isSafeInteger(input)) return bad('must be a whole number');
  const value = input as number;
  return value < min || value > max ? bad(`must be from ${min} to ${max}`) : good(value + 0); // -0 becomes 0
}

function checkDecimal({ precision, scale }: TypeOf<'decimal'>, input: unknown): Checked {
  if (typeof input === 'number' && !isExact(input, scale)) {
    return bad('must be sent as text, since a JSON number of this size is not exact');
  }
  const value = typeof input === 'number' || typeof input === 'string' ? parseDecimal(String(input)) : null;
  if (value === null) return bad('must be a decimal number such as "12.95"');
  if (fitsDecimal(value, precision, scale)) return good(value);
  return bad(`must have at most ${precision - scale} digits before the point and ${scale} after it`);
}

/**
 * Decimals of 15 digits have each a float of their own, whose shortest form is that decimal. With more,
 * `549988657036.6475` has already become `549988657036.6474` when it gets here, and no one can tell.
 */
function isExact(input: number, scale: number): boolean {
  return Math.abs(input) < 10 ** (EXACT_FLOAT_DIGITS - scale);
}

function checkTimestamp(input: unknown): Checked {
  const text = typeof input === 'string' ? withMilliseconds(input) : '';
  return isInstant(text) ? good(text) : bad('must be a moment in UTC as YYYY-MM-DDTHH:MM:SS.sssZ');
}

function withMilliseconds(text: string): string {
  return text.length === 20 ? text.replace(/Z$/, '.000Z') : text;
}

function checkReference(input: unknown): Checked {
  if (typeof input !== 'string' || input === '') return bad('must be the id of an entity');
  const checked = checkText(input, MAX_REFERENCE_LENGTH);
  return 'value' in checked && hasControlCharacters(input) ? bad('contains control characters') : checked;
}
