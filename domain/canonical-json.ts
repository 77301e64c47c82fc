import { invalidValue } from './errors.ts';
import type { JsonObject, JsonValue } from './event.ts';
import { flawOfText } from './text.ts';

/** Deeper values are refused, so that no input can exhaust the stack. */
export const MAX_DEPTH = 32;

/**
 * Canonical JSON (RFC 8785) of a value that an event may carry, validated on the way in one pass.
 * @throws DomainError `invalid-value` with the path of the first value that no log may hold
 */
export function canonicalJson(value: JsonValue, path: string, depth = 1): string {
  switch (typeof value) {
    case 'string':
      return canonicalText(value, path);
    case 'number':
      return canonicalInteger(value, path);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth > MAX_DEPTH) throw invalidValue(path, `is nested more than ${MAX_DEPTH} deep`);
      return Array.isArray(value)
        ? canonicalArray(value, path, depth)
        : canonicalObject(value as JsonObject, path, depth);
    default:
      throw invalidValue(path, `is ${typeof value}, which JSON cannot carry`);
  }
}

/** ECMAScript quotes well-formed text exactly as RFC 8785 does. A quoted text that did not grow has no flaw. */
export function canonicalText(value: string, path: string): string {
  const quoted = JSON.stringify(value);
  if (quoted.length === value.length + 2) return quoted;
  const flaw = flawOfText(value);
  if (flaw !== null) throw invalidValue(path, flaw);
  return quoted;
}

function canonicalInteger(value: number, path: string): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  throw invalidValue(path, flawOfNumber(value));
}

function flawOfNumber(value: number): string {
  if (Number.isNaN(value)) return 'is not a number';
  if (!Number.isFinite(value)) return 'is infinite';
  if (value === 0) return 'is negative zero';
  return Number.isInteger(value)
    ? 'is beyond the safe integers'
    : 'is a fraction; decimals are written as text';
}

function canonicalArray(items: readonly JsonValue[], path: string, depth: number): string {
  let json = '[';
  for (let i = 0; i < items.length; i++) {
    if (i > 0) json += ',';
    json += canonicalJson(items[i]!, `${path}[${i}]`, depth + 1);
  }
  return json + ']';
}

function canonicalObject(object: JsonObject, path: string, depth: number): string {
  assertPlain(object, path);
  let json = '{';
  // The default order of sort() is that of UTF-16 code units, which RFC 8785 asks for.
  for (const key of Object.keys(object).sort()) {
    const place = `${path}.${key}`;
    if (key === '__proto__') throw invalidValue(place, 'is a name that no value may have');
    if (json.length > 1) json += ',';
    json += `${canonicalText(key, place)}:${canonicalJson(object[key]!, place, depth + 1)}`;
  }
  return json + '}';
}

/** Dates, maps and class instances would lose what they are. Holds for objects of another realm as well. */
function assertPlain(object: object, path: string): void {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return;
  throw invalidValue(path, 'is not a plain object');
}
