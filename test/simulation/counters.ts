import { stock } from '../../domain/datasets/stock.ts';
import { type EntityKey, entityName, type JsonValue } from '../../domain/event.ts';
import type { Command } from '../../domain/office/commands.ts';
import type { Prng } from './prng.ts';
import type { Site } from './site.ts';

/** A dataset that has a count. */
interface Counted {
  readonly dataset: string;
  readonly field: string;
  /** What else is said of a new one. */
  readonly about: Readonly<Record<string, JsonValue>>;
  /** What people write beside a count. */
  readonly remark: string;
}

/** As the head may declare it in the middle. */
export const VISITS = {
  name: 'visits',
  noun: 'Visit',
  fields: {
    day: { kind: 'date', required: true },
    guests: { kind: 'integer', required: true },
    mood: { kind: 'text', maxLength: 20 },
  },
  policies: { fields: { guests: 'add' } },
} as const;

const COUNTED: readonly Counted[] = [
  { dataset: stock.name, field: 'quantity', about: { product: 'paper' }, remark: 'shelf' },
  { dataset: VISITS.name, field: 'guests', about: { day: '2026-04-01' }, remark: 'mood' },
];

const MOST_AT_FIRST = 100;
const HOT_ITEMS = 3;

/** People who count: they note what comes and goes, and need not know what is there. */
export class Counters {
  readonly #chance: Prng;
  readonly #items: EntityKey[] = [];

  constructor(chance: Prng) {
    this.#chance = chance;
  }

  /** Something new, or an addition to what this office has; null where its program counts nothing. */
  anything(site: Site, scope: string): Command | null {
    const known = COUNTED.filter(({ dataset }) => site.ledger?.datasets.named(dataset) != null);
    if (known.length === 0) return null;
    const counted = this.#chance.pick(known);
    const items = this.#items.filter(
      (item) =>
        item.dataset === counted.dataset &&
        (site.role === 'head' || item.scope === scope) &&
        site.disk.tables.entities.has(entityName(item)),
    );
    if (items.length === 0 || this.#chance.chance(0.1)) return this.#begin(counted, scope);
    return this.#add(counted, items[Math.max(0, items.length - this.#chance.int(1, HOT_ITEMS))]!);
  }

  /** Nobody else begins to count it. */
  #begin({ dataset, field, about }: Counted, scope: string): Command {
    const item = { dataset, scope, entityId: `item-${this.#chance.hex(8)}` };
    this.#items.push(item);
    const fields = { ...about, [field]: this.#chance.int(0, MOST_AT_FIRST) };
    return { type: 'record', ...item, fields };
  }

  #add({ field, remark }: Counted, item: EntityKey): Command {
    const add = this.#chance.pick([-9, -3, -2, -1, -1, 1, 5, 20]);
    const further = this.#chance.chance(0.2) ? { [remark]: `place ${this.#chance.int(1, 9)}` } : {};
    return { type: 'amend', ...item, fields: { [field]: { add }, ...further } };
  }
}

/** What a command adds to a count, from nothing where it begins one; null when it counts nothing. */
export function addedBy(command: Command): number | null {
  const counted = COUNTED.find(({ dataset }) => dataset === command.dataset);
  if (counted === undefined || (command.type !== 'record' && command.type !== 'amend')) return null;
  const given = command.fields[counted.field] as number | { readonly add: number };
  return typeof given === 'number' ? given : given.add;
}

/** The field of a dataset that is a count; null where there is none. */
export function countIn(dataset: string): string | null {
  return COUNTED.find((one) => one.dataset === dataset)?.field ?? null;
}
