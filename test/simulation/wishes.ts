import type { Field } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { type EntityKey, entityName, SHARED_SCOPE } from '../../domain/event.ts';
import type { Command } from '../../domain/office/commands.ts';
import type { Oracle } from './oracle.ts';
import type { Prng } from './prng.ts';
import type { Site } from './site.ts';

export interface Habits {
  /** Between two commands of one office, on the average. */
  readonly commandMs: number;
  /** How often an office edits what another one is likely to edit, too. */
  readonly contention: number;
  /** How often the head works on a branch's sales. */
  readonly meddling: number;
  /** How often a command comes with others at the same moment. */
  readonly bursts: number;
  /** How often a retry is safe: sent with an idempotency key. */
  readonly keyed: number;
  /** How many shops take in hundreds of sales at once. */
  readonly imports: number;
  /** How often somebody counts something besides selling. */
  readonly counts: number;
  /** How often somebody looks at a sale before changing it. */
  readonly looks: number;
}

const HOT_ENTITIES = 4;
const PRODUCTS = ['Paper', 'Pens', 'Tape ', 'Ténto 🖋'];

/** What people at the counters ask for. */
export class Wishes {
  readonly #oracle: Oracle;
  readonly #habits: Habits;
  readonly #chance: Prng;
  /** Sales that were asked for, by scope. */
  readonly #known = new Map<string, EntityKey[]>();

  constructor(oracle: Oracle, habits: Habits, chance: Prng) {
    this.#oracle = oracle;
    this.#habits = habits;
    this.#chance = chance;
  }

  /** A sale of this office that the other one has, too. */
  saleKnownTo({ office }: Site, other: Site): EntityKey | null {
    const known = (this.#known.get(office) ?? []).filter((key) =>
      other.disk.tables.entities.has(entityName(key)),
    );
    return known.length === 0 ? null : this.#chance.pick(known);
  }

  /** A new sale, or a change of one that is known. */
  anything(site: Site): Command {
    const scope = this.scopeFor(site);
    const known = this.#known.get(scope) ?? [];
    if (known.length === 0 || this.#chance.chance(0.35)) return this.sale(scope);
    const hot = this.#chance.chance(this.#habits.contention);
    const entity = hot
      ? known[Math.max(0, known.length - this.#chance.int(1, HOT_ENTITIES))]!
      : this.#chance.pick(known);
    const draw = this.#chance.next();
    const looks = this.#habits.looks > 0 && this.#chance.chance(this.#habits.looks);
    if (looks) return this.#sensible(site, entity, draw);
    if (draw < 0.7) return { type: 'amend', ...entity, fields: this.someFields(site) };
    if (draw < 0.85) return { type: 'void', ...entity, reason: 'a slip' };
    return { type: 'restore', ...entity };
  }

  /** What makes sense of the sale as this office sees it. */
  #sensible(site: Site, entity: EntityKey, draw: number): Command {
    const row = site.disk.tables.entities.get(entityName(entity))?.row;
    if (!row) return this.sale(entity.scope);
    if (row.deletedAt !== null) return { type: 'restore', ...entity };
    return draw < 0.8
      ? { type: 'amend', ...entity, fields: this.someFields(site) }
      : { type: 'void', ...entity, reason: 'a slip' };
  }

  scopeFor(site: Site): string {
    if (site.role === 'branch') return site.office;
    const branches = [
      ...new Set(this.#oracle.sites.filter(({ role }) => role === 'branch').map(({ office }) => office)),
    ];
    if (this.#chance.chance(this.#habits.meddling)) return this.#chance.pick(branches);
    return this.#chance.pick([SHARED_SCOPE, site.office, SHARED_SCOPE]);
  }

  /** A new one. */
  sale(scope: string): Command {
    const key = { dataset: sales.name, scope, entityId: `sale-${this.#chance.hex(8)}` };
    const known = this.#known.get(scope);
    if (known === undefined) this.#known.set(scope, [key]);
    else known.push(key);
    return { type: 'record', ...key, fields: this.allFields() };
  }

  /** A value for a field that sales were not declared with. */
  #added(key: string, { kind, retired }: Field): [string, unknown][] {
    if (Object.hasOwn(sales.fields, key) || retired === true) return [];
    return [[key, kind === 'boolean' ? this.#chance.chance(0.5) : this.#chance.int(0, 100)]];
  }

  allFields(): Record<string, unknown> {
    return {
      soldOn: `2026-04-${String(this.#chance.int(1, 28)).padStart(2, '0')}`,
      product: this.#chance.pick(PRODUCTS),
      region: 'West',
      qty: this.#chance.int(1, 99),
      cost: `${this.#chance.int(1, 50)}.95`,
      tax: `0.${this.#chance.int(1, 9)}`,
    };
  }

  /** Of those that this office knows. */
  someFields({ ledger }: Site): Record<string, unknown> {
    const known = Object.entries(ledger?.datasets.named(sales.name)?.fields ?? {});
    const all = [...Object.entries(this.allFields()), ...known.flatMap((field) => this.#added(...field))];
    const chosen = all.filter(() => this.#chance.chance(0.3));
    return Object.fromEntries(chosen.length > 0 ? chosen : [this.#chance.pick(all)]);
  }
}
