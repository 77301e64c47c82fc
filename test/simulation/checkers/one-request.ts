import canonicalize from 'canonicalize';
import type { DomainEvent, JsonObject, JsonValue } from '../../../domain/event.ts';
import { isKeyed } from '../../../domain/office/event-id.ts';
import { isRecording } from '../../../domain/office/evolve.ts';
import { countIn } from '../counters.ts';

/** Whether two events say the same, whenever and by whomever they were written. */
export function sameContent(a: DomainEvent, b: DomainEvent): boolean {
  return isOneRecording(a, b) || contentOf(a) === contentOf(b);
}

/** A keyed id tells the request: under another version of the dataset it is recorded with what that one fills in. */
function isOneRecording(a: DomainEvent, b: DomainEvent): boolean {
  return a.id === b.id && isKeyed(a.id) && isRecording(a) && isRecording(b) && a.entityId === b.entityId;
}

/**
 * What an event says, however it is called. A change of a count says what stood when it was carried out, which another life
 * found otherwise: that it changed the count is what has to stay. What it comes to is for those who sum up.
 */
export function contentOf({ dataset, scope, entityId, type, ...event }: DomainEvent): string {
  const counted = countsOf({ dataset, type });
  const data = Object.entries(event.data).map(([field, value]): [string, JsonValue] =>
    counted.has(field) && value !== null ? [field, 'a number'] : [field, value],
  );
  return canonicalize({ dataset, scope, entityId, type, data: Object.fromEntries(data) })!;
}

/** What a second account of a request says beyond the first; null when that is nothing. */
export function beyond(first: DomainEvent, second: DomainEvent): DomainEvent | null {
  if (sameContent(first, second)) return null;
  const about = ({ data: _, ...event }: DomainEvent) => contentOf({ ...event, data: {} });
  const counted = [...countsOf(second)].filter((field) => has(first.data, field) && has(second.data, field));
  if (counted.length === 0 || about(first) !== about(second)) return second;
  const isNew = ([field, value]: [string, JsonValue]) =>
    !counted.includes(field) && canonicalize(first.data[field]) !== canonicalize(value);
  const data = Object.fromEntries(Object.entries(second.data).filter(isNew));
  return Object.keys(data).length === 0 ? null : { ...second, data };
}

function has(data: JsonObject, field: string): boolean {
  return Object.hasOwn(data, field);
}

function countsOf({ dataset, type }: Pick<DomainEvent, 'dataset' | 'type'>): ReadonlySet<string> {
  const count = type.endsWith('Amended') ? countIn(dataset) : null;
  return new Set(count === null ? [] : [count]);
}
