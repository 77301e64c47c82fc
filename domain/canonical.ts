import { isInstant } from './calendar.ts';
import { canonicalJson, canonicalText } from './canonical-json.ts';
import type { VectorClock } from './clock.ts';
import { DomainError, invalidValue } from './errors.ts';
import { MAX_EVENT_BYTES, OFFICE_ID_PATTERN, SHARED_SCOPE, type DomainEvent } from './event.ts';
import { HYBRID_TIME_PATTERN } from './hlc.ts';
import { hasControlCharacters, isLongerThan } from './text.ts';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DATASET = /^[a-z][a-z0-9_]{0,31}$/;
const TYPE = /^[A-Z][A-Za-z]{1,63}$/;
const LIFE = /^(?!shared@)[a-z][a-z0-9-]{1,31}@[1-9]\d{0,15}$/;
const MAX_ENTITY_ID_LENGTH = 128;
const MAX_ACTOR_LENGTH = 200;
const ENVELOPE = new Set([
  'actor',
  'at',
  'clock',
  'data',
  'dataset',
  'entityId',
  'epoch',
  'id',
  'office',
  'scope',
  'seq',
  'type',
  'version',
]);

const ENCODER = new TextEncoder();
// Strict and without swallowing a byte order mark: text and bytes stand for each other one to one.
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The bytes that are stored, hashed and sent, made once: canonical JSON (RFC 8785) in UTF-8.
 * @throws DomainError `invalid-value` (with path and reason), `event-too-large`
 */
export function encodeEvent(event: DomainEvent): Uint8Array {
  const bytes = ENCODER.encode(eventJson(event));
  if (bytes.length <= MAX_EVENT_BYTES) return bytes;
  throw new DomainError('event-too-large', `The event has ${bytes.length} bytes`, {
    expected: MAX_EVENT_BYTES,
    actual: bytes.length,
  });
}

/**
 * Reads bytes of any origin. Only what `encodeEvent` could have made is taken: writing the event again must
 * give the same text, which also finds duplicate keys, unknown fields, odd numbers and needless blanks.
 * @throws DomainError `undecodable-event`
 */
export function decodeEvent(bytes: Uint8Array): DomainEvent {
  if (bytes.length > MAX_EVENT_BYTES) throw undecodable(`has ${bytes.length} bytes`);
  const text = attempt(() => DECODER.decode(bytes));
  const event = attempt(() => JSON.parse(text) as DomainEvent);
  if (typeof event !== 'object' || event === null) throw undecodable('is not an object');
  if (attempt(() => eventJson(event)) !== text) throw undecodable('is not canonical JSON');
  return event;
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw undecodable(error instanceof Error ? error.message : 'cannot be read');
  }
}

function undecodable(reason: string): DomainError {
  return new DomainError('undecodable-event', `The event cannot be decoded: ${reason}`, { reason });
}

/** An entity id: 1 to 128 characters. Case and trailing blanks are significant, control characters refused. */
export function assertEntityId(id: string): void {
  assertLength(id, 'entityId', MAX_ENTITY_ID_LENGTH);
  if (hasControlCharacters(id)) throw invalidValue('entityId', 'contains control characters');
}

/** The envelope's keys stand in RFC 8785 order; names matched by a pattern need no quoting. */
function eventJson(event: DomainEvent): string {
  assertEnvelope(event);
  const data = canonicalObject(event.data);
  return (
    `{"actor":${canonicalText(event.actor, 'actor')},"at":"${event.at}","clock":${canonicalClock(event)},` +
    `"data":${data},"dataset":"${event.dataset}","entityId":${canonicalText(event.entityId, 'entityId')},` +
    `"epoch":${event.epoch},"id":"${event.id}","office":"${event.office}","scope":"${event.scope}",` +
    `"seq":${event.seq},"type":"${event.type}","version":${event.version}}`
  );
}

function assertEnvelope(event: DomainEvent): void {
  assertPattern(event.id, 'id', ID);
  assertPattern(event.office, 'office', OFFICE_ID_PATTERN);
  if (event.office === SHARED_SCOPE) throw invalidValue('office', `is "${SHARED_SCOPE}", which is no office`);
  assertPattern(event.scope, 'scope', OFFICE_ID_PATTERN);
  assertPattern(event.dataset, 'dataset', DATASET);
  assertPattern(event.type, 'type', TYPE);
  assertCount(event.epoch, 'epoch');
  assertCount(event.seq, 'seq');
  assertCount(event.version, 'version');
  assertEntityId(event.entityId);
  assertLength(event.actor, 'actor', MAX_ACTOR_LENGTH);
  assertHybridTime(event.at);
  assertNothingElse(event);
}

function assertPattern(value: unknown, path: string, pattern: RegExp): void {
  if (typeof value === 'string' && pattern.test(value)) return;
  throw invalidValue(path, `does not match ${pattern.source}`);
}

function assertCount(value: unknown, path: string): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw invalidValue(path, 'is not an integer from 1');
}

function assertLength(value: unknown, path: string, characters: number): void {
  if (typeof value === 'string' && value !== '' && !isLongerThan(value, characters)) return;
  throw invalidValue(path, `is not a text of 1 to ${characters} characters`);
}

/** A pattern alone would let the 30th of February pass, and break the clock of whoever reads it. */
function assertHybridTime(at: unknown): void {
  assertPattern(at, 'at', HYBRID_TIME_PATTERN);
  if (!isInstant((at as string).slice(0, 24)))
    throw invalidValue('at', 'is no moment of the years 1 to 9999');
}

function assertNothingElse(event: object): void {
  const names = Object.keys(event);
  if (names.length === ENVELOPE.size) return;
  const extra = names.find((name) => !ENVELOPE.has(name));
  if (extra !== undefined) throw invalidValue(extra, 'is not a field of an event');
}

function canonicalObject(data: DomainEvent['data']): string {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw invalidValue('data', 'is not an object');
  return canonicalJson(data, 'data');
}

function canonicalClock(event: DomainEvent): string {
  const clock: VectorClock = event.clock;
  if (typeof clock !== 'object' || clock === null) throw invalidValue('clock', 'is not an object');
  const lives = Object.keys(clock).sort();
  for (const life of lives) {
    assertPattern(life, 'clock', LIFE);
    assertCount(clock[life], `clock.${life}`);
  }
  const own = `${event.office}@${event.epoch}`;
  if (clock[own] !== event.seq) throw invalidValue(`clock.${own}`, `is not the event's own seq ${event.seq}`);
  return `{${lives.map((life) => `"${life}":${clock[life]}`).join(',')}}`;
}
