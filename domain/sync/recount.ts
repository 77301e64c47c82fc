import { inCausalOrder } from '../causal-order.ts';
import { Count, isNumber, minus, plus } from '../conflict/count.ts';
import { countedFields } from '../datasets/counted.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { isCanonicalValue } from '../datasets/field-value.ts';
import {
  type DomainEvent,
  type EntityKey,
  entityKeyOf,
  entityName,
  type JsonValue,
  type LoggedEvent,
} from '../event.ts';
import type { Fork } from './fork.ts';

type DatasetNamed = (name: string) => Dataset | null;

const NONE: ReadonlySet<string> = new Set();

/** The counted fields that two events of one id change in one entity: two accounts of one request. */
export function countedInBoth(
  a: DomainEvent,
  b: DomainEvent,
  datasetNamed: DatasetNamed,
): ReadonlySet<string> {
  const isSame = a.id === b.id && a.type === b.type && entityName(a) === entityName(b);
  if (!isSame || !a.type.endsWith('Amended')) return NONE;
  const counted = countedFields(datasetNamed(a.dataset));
  return new Set(
    [...counted].filter((field) => Object.hasOwn(a.data, field) && Object.hasOwn(b.data, field)),
  );
}

/** Entities with counts of which one life of an office did again what the other one had done. */
export function recountedEntities(
  tail: readonly LoggedEvent[],
  diverging: readonly LoggedEvent[],
  datasetNamed: DatasetNamed,
): EntityKey[] {
  const ids = new Set(tail.map(({ event }) => event.id));
  return diverging
    .filter(({ event }) => ids.has(event.id) && countedFields(datasetNamed(event.dataset)).size > 0)
    .map(({ event }) => entityKeyOf(event));
}

/**
 * Keeps additions what they were. An event carries the number that stood when it was written: where a repair says that its
 * author had seen other changes than he had (one of them was done twice, and counts once), the number moves along.
 */
export class Recount {
  readonly #entities = new Map<string, readonly FieldRecount[]>();

  constructor({ recounted, tail, diverging, commonSeq, datasetNamed }: Fork) {
    if (recounted.size === 0) return;
    const before = byEntity(diverging);
    const accepted = byEntity(tail.filter(({ event }) => event.seq > commonSeq));
    for (const [name, shared] of recounted) {
      const lives = { shared, diverging: before.get(name) ?? [], accepted: accepted.get(name) ?? [] };
      const dataset = datasetNamed(lives.diverging[0]!.dataset)!;
      const fields = [...countedFields(dataset)];
      this.#entities.set(
        name,
        fields.map((field) => new FieldRecount(field, dataset, lives)),
      );
    }
  }

  /** `renamed`: the event as the repair writes it, with its new clock. */
  rebased(former: DomainEvent, renamed: DomainEvent): DomainEvent {
    const fields = this.#entities.get(entityName(former)) ?? [];
    return fields.reduce((event, field) => field.rebased(former, event), renamed);
  }
}

function byEntity(events: readonly LoggedEvent[]): Map<string, DomainEvent[]> {
  return Map.groupBy(
    events.map(({ event }) => event),
    entityName,
  );
}

interface Lives {
  readonly shared: readonly DomainEvent[];
  readonly diverging: readonly DomainEvent[];
  readonly accepted: readonly DomainEvent[];
}

class FieldRecount {
  readonly #field: string;
  readonly #dataset: Dataset;
  /** What stood, for its author, before each event of the other life. */
  readonly #before = new Map<DomainEvent, JsonValue | undefined>();
  readonly #now: Count;

  constructor(field: string, dataset: Dataset, { shared, diverging, accepted }: Lives) {
    this.#field = field;
    this.#dataset = dataset;
    this.#now = new Count(field);
    for (const event of inCausalOrder([...shared, ...accepted])) this.#now.take(event);
    const then = new Count(field);
    for (const event of inCausalOrder([...shared, ...diverging])) {
      this.#before.set(event, then.seenBy(event.clock));
      then.take(event);
    }
  }

  rebased(former: DomainEvent, renamed: DomainEvent): DomainEvent {
    const moved = { ...renamed, data: { ...renamed.data, ...this.#moved(former, renamed) } };
    this.#now.take(moved);
    return moved;
  }

  /** A number that the field cannot hold stays as it was. */
  #moved(former: DomainEvent, { data, clock }: DomainEvent): Readonly<Record<string, JsonValue>> {
    const [value, before, now] = [data[this.#field], this.#before.get(former), this.#now.seenBy(clock)];
    if (!isNumber(value) || !isNumber(before) || !isNumber(now)) return {};
    const moved = plus(now, minus(value, before));
    return isCanonicalValue(this.#dataset.fields[this.#field]!, moved) ? { [this.#field]: moved } : {};
  }
}
