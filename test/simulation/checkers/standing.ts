import type { Dataset } from '../../../domain/datasets/dataset.ts';
import type { DomainEvent, JsonObject, JsonValue } from '../../../domain/event.ts';

/*
 * The rules of what is shown, worked out the slow way from the events alone. Nothing of domain/ is used but the shapes
 * of events and declarations: what is wrong there must not be wrong here as well.
 */

export const STATUS = '$status';

/** What each event writes, by field. */
export function writesOf({ type, data }: DomainEvent): JsonObject {
  if (type.endsWith('Recorded')) return { ...data, [STATUS]: 'live' };
  if (type.endsWith('Amended')) return data;
  if (type.endsWith('Voided')) return { [STATUS]: 'voided' };
  if (type.endsWith('Restored')) return { [STATUS]: 'live' };
  return type === 'ConflictResolved' ? (data['writes'] as JsonObject) : {};
}

/** Whether the author of `later` knew `earlier`. */
export function saw(later: DomainEvent, earlier: DomainEvent): boolean {
  return (later.clock[`${earlier.office}@${earlier.epoch}`] ?? 0) >= earlier.seq;
}

/** For each field the events whose value stands: nobody who saw them has written it since. The last one is shown. */
export function standingOf(events: readonly DomainEvent[]): Map<string, DomainEvent[]> {
  const writers = new Map<string, DomainEvent[]>();
  for (const event of events)
    for (const field of Object.keys(writesOf(event)))
      writers.set(field, [event, ...(writers.get(field) ?? [])]);
  return new Map([...writers].map(([field, all]) => [field, unseen(all).sort(inOrder)]));
}

function unseen(all: readonly DomainEvent[]): DomainEvent[] {
  return all.filter((event) => !all.some((other) => other !== event && saw(other, event)));
}

/** By time, office, epoch, seq. */
function inOrder(a: DomainEvent, b: DomainEvent): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.office !== b.office) return a.office < b.office ? -1 : 1;
  return a.epoch - b.epoch || a.seq - b.seq;
}

export function valueOf(event: DomainEvent, field: string): JsonValue {
  return writesOf(event)[field]!;
}

/**
 * The fields with two different values that stand, or with any two where each counts; the status also where somebody edited
 * what another voided.
 */
export function disputesIn(
  standing: ReadonlyMap<string, readonly DomainEvent[]>,
  counted: ReadonlySet<string>,
): Set<string> {
  const disputed = [...standing].filter(
    ([field, events]) =>
      events.length > 1 &&
      (counted.has(field) || new Set(events.map((event) => valueOf(event, field))).size > 1),
  );
  const fields = new Set(disputed.map(([field]) => field));
  if (unawareEditors(standing).length > 0) fields.add(STATUS);
  return fields;
}

/** Events whose data stands, and one of the standing voids and they did not know of each other. */
export function unawareEditors(standing: ReadonlyMap<string, readonly DomainEvent[]>): DomainEvent[] {
  const voids = (standing.get(STATUS) ?? []).filter((event) => valueOf(event, STATUS) === 'voided');
  const editors = [...standing].flatMap(([field, events]) => (field === STATUS ? [] : events));
  const isUnaware = (event: DomainEvent) =>
    voids.some((voiding) => voiding !== event && !saw(voiding, event) && !saw(event, voiding));
  return [...new Set(editors.filter(isUnaware))];
}

/** What a row of these events has to show. */
export interface Due {
  readonly values: readonly (readonly [field: string, value: JsonValue])[];
  readonly isVoided: boolean;
  readonly isConflicted: boolean;
}

/** The fields of a dataset of which each change counts, whatever the others are. */
export function countedIn(dataset: Dataset | null): Set<string> {
  const policies = Object.entries(dataset?.policies.fields ?? {});
  return new Set(policies.filter(([, policy]) => policy === 'add').map(([field]) => field));
}

export function dueOf(events: readonly DomainEvent[], counted: ReadonlySet<string>): Due {
  const standing = standingOf(events);
  const shown = [...standing].filter(([field]) => field !== STATUS);
  return {
    values: shown.map(([field, writers]) => [field, valueOf(writers.at(-1)!, field)]),
    isVoided: standing.get(STATUS)?.some((event) => valueOf(event, STATUS) === 'voided') ?? false,
    isConflicted: disputesIn(standing, counted).size > 0,
  };
}
