import { DomainError, errorType, invalidValue } from './errors.ts';
import type { JsonObject, JsonValue } from './event.ts';
import { flawOfText } from './text.ts';

/** Deeper values are refused, so that no input can exhaust the stack. */
export const MAX_DEPTH = 32;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/**
 * Canonical JSON (RFC 8785) of a value that an event may carry, validated in the same pass.
 * @throws DomainError `invalid-value` with the path of the first value that no log may hold
 */
export function canonicalJson(value: JsonValue, path: string): string {
  try {
    return jsonOf(value, 1);
  } catch (error) {
    throw within(path, error);
  }
}

/** ECMAScript quotes well-formed text exactly as RFC 8785 does. A text that did not grow has no flaw. */
export function canonicalText(value: string, path: string): string {
  const quoted = JSON.stringify(value);
  if (quoted.length === value.length + 2) return quoted;
  const flaw = flawOfText(value);
  if (flaw !== null) throw invalidValue(path, flaw);
  return quoted;
}

function jsonOf(value: JsonValue, depth: number): string {
  switch (typeof value) {
    case 'string':
      return canonicalText(value, '');
    case 'number':
      return integerJson(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth > MAX_DEPTH) throw invalidValue('', `is nested more than ${MAX_DEPTH} deep`);
      return Array.isArray(value) ? arrayJson(value, depth + 1) : objectJson(value as JsonObject, depth + 1);
    default:
      throw invalidValue('', `is ${typeof value}, which JSON cannot carry`);
  }
}

function integerJson(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  throw invalidValue('', flawOfNumber(value));
}

function flawOfNumber(value: number): string {
  if (Number.isNaN(value)) return 'is not a number';
  if (!Number.isFinite(value)) return 'is infinite';
  if (value === 0) return 'is negative zero';
  return Number.isInteger(value)
    ? 'is beyond the safe integers'
    : 'is a fraction; decimals are written as text';
}

function arrayJson(items: readonly JsonValue[], depth: number): string {
  let json = '[';
  let i = 0;
  try {
    for (; i < items.length; i++) json += (i > 0 ? ',' : '') + jsonOf(items[i]!, depth);
  } catch (error) {
    throw within(`[${i}]`, error);
  }
  return json + ']';
}

function objectJson(object: JsonObject, depth: number): string {
  assertPlain(object);
  let json = '{';
  let key = '';
  try {
    for (key of inOrder(Object.keys(object))) {
      if (key === '__proto__') throw invalidValue('', 'is a name that no value may have');
      json += (json.length > 1 ? ',' : '') + canonicalText(key, '') + ':' + jsonOf(object[key]!, depth);
    }
  } catch (error) {
    throw within(`.${key}`, error);
  }
  return json + '}';
}

/**
 * The same for an object, nearly always in one stroke of the engine's own JSON: where the object is flat and its keys
 * are ordinary. A `\u` may be an escaped flaw, and is looked into.
 */
export function canonicalObject(object: JsonObject, path: string): string {
  const ordered = inOrderIfFlat(object);
  const json = ordered === null ? null : JSON.stringify(ordered);
  return json === null || json.includes('\\u') ? canonicalJson(object, path) : json;
}

function inOrderIfFlat(object: JsonObject): JsonObject | null {
  const keys = Object.keys(object);
  for (const key of keys) if (!isOrdinary(key, object[key])) return null;
  if (!isPlain(object)) return null;
  if (areInOrder(keys)) return object;
  const ordered: Record<string, JsonValue> = {};
  for (const key of keys.sort()) ordered[key] = object[key]!;
  return ordered;
}

/** Objects do not keep keys like `1` in the order given. */
function isOrdinary(key: string, value: unknown): boolean {
  const first = key.charCodeAt(0);
  if ((first >= DIGIT_0 && first <= DIGIT_9) || key === '__proto__') return false;
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}

/** In the order of UTF-16 code units, as RFC 8785 asks. */
function inOrder(keys: string[]): string[] {
  return areInOrder(keys) ? keys : keys.sort();
}

function areInOrder(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) if (keys[i - 1]! > keys[i]!) return false;
  return true;
}

function assertPlain(object: object): void {
  if (!isPlain(object)) throw invalidValue('', 'is not a plain object');
}

/** Dates, maps and class instances would lose what they are. Holds for objects of another realm as well. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Paths are put together on the way out of a failure only: they would cost as much as the encoding. */
function within(step: string, error: unknown): unknown {
  if (errorType(error) !== 'invalid-value') return error;
  const { path, reason } = (error as DomainError).data;
  return invalidValue(`${step}${String(path)}`, String(reason));
}
