import { isInstant } from './calendar.ts';
import { canonicalObject, canonicalText } from './canonical-json.ts';
import { DomainError, invalidValue } from './errors.ts';
import { MAX_EVENT_BYTES, OFFICE_ID_PATTERN, SHARED_SCOPE, type DomainEvent } from './event.ts';
import { HYBRID_TIME_PATTERN } from './hlc.ts';
import { hasControlCharacters, isLongerThan } from './text.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DATASET = /^[a-z][a-z0-9_]{0,31}$/;
const TYPE = /^[A-Z][A-Za-z]{1,63}$/;
const LIFE = /^(?!shared@)[a-z][a-z0-9-]{1,31}@[1-9]\d{0,15}$/;
/** Any day up to the 28th: one test instead of many for nearly all events. */
const SURELY_A_TIME =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z\/[0-9a-f]{4}$/;
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

/**
 * The bytes that are stored, hashed and sent, made once: canonical JSON (RFC 8785) in UTF-8.
 * @throws DomainError `invalid-value` (with path and reason), `event-too-large`
 */
export function encodeEvent(event: DomainEvent): Uint8Array {
  const bytes = encodeUtf8(eventJson(event));
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
  const text = attempt(() => decodeUtf8(bytes));
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
  return (
    `{"actor":${canonicalText(event.actor, 'actor')},"at":"${event.at}","clock":${canonicalObject(event.clock, 'clock')},` +
    `"data":${canonicalObject(event.data, 'data')},"dataset":"${event.dataset}",` +
    `"entityId":${canonicalText(event.entityId, 'entityId')},"epoch":${event.epoch},"id":"${event.id}",` +
    `"office":"${event.office}","scope":"${event.scope}","seq":${event.seq},"type":"${event.type}",` +
    `"version":${event.version}}`
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
  assertClock(event);
  assertObject(event.data, 'data');
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
  if (typeof at === 'string' && SURELY_A_TIME.test(at)) return;
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

function assertObject(value: unknown, path: string): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw invalidValue(path, 'is not an object');
}

function assertClock({ office, epoch, seq, clock }: DomainEvent): void {
  assertObject(clock, 'clock');
  for (const life of Object.keys(clock)) {
    assertPattern(life, 'clock', LIFE);
    assertCount(clock[life], 'clock');
  }
  if (clock[`${office}@${epoch}`] !== seq)
    throw invalidValue('clock', `does not hold the event's own seq ${seq}`);
}
