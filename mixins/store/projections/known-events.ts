import type { DomainEvent, EntityKey } from '../../../domain/event.ts';
import { entityName } from '../../../domain/event.ts';
import {
  type HeldEvent,
  LateChanges,
  type LateRow,
  type Moment,
} from '../../../domain/projections/moment.ts';
import { distinctKeys, ENTITY_KEY } from '../rows/entity-key.ts';
import { keysOf } from '../rows/event-rows.ts';
import { lateAfter, lateOf, lateOfRow } from '../rows/late-rows.ts';
import { integer, text } from '../rows/read-value.ts';
import type { Family, Lookup, Sql, SqlRow } from '../sql.ts';

/** All that is needed of an entity to say what was known of it at any moment since `from`. */
export interface EntityHistory {
  readonly key: EntityKey;
  /** In order of position. */
  readonly events: readonly HeldEvent[];
  readonly late: LateChanges;
}

/** Entities that are concerned by what happened between two moments. */
export interface Followed {
  readonly to: Moment;
  readonly histories: readonly EntityHistory[];
  /** Events and late changes on the way. */
  readonly count: number;
}

/** A run of entities in the order of their keys. */
export interface EntityPage {
  readonly histories: readonly EntityHistory[];
  readonly count: number;
  /** Where the next page begins; null at the end of the scope. */
  readonly next: string | null;
}

const NOW =
  'select (select position from log where id = 1) as position, (select coalesce(max(no), 0) from late) as late_no';
/** Read as text: to hand over bytes, and then decode them, costs more than to fold what they say. */
const BODY: Readonly<Record<Family, string>> = {
  sqlite: 'cast(bytes as text) as body',
  postgresql: `convert_from(bytes, 'UTF8') as body`,
  mariadb: 'convert(bytes using utf8mb4) as body',
  mysql: 'convert(bytes using utf8mb4) as body',
};

function lookup(family: Family, table: 'event' | 'displaced_event', key: Lookup['key']): Lookup {
  return { table, select: `position, scope, entity_id, status, ${BODY[family]}`, key };
}

const NO_LATE = new LateChanges([]);

/** Both as of one moment: the log's row is changed with them in one transaction, and this is one statement. */
export async function presentMoment(sql: Sql): Promise<Moment> {
  const [row] = await sql.all(NOW);
  return { position: integer(row ?? {}, 'position'), lateNo: integer(row ?? {}, 'late_no') };
}

/** What was known when the log stood at a position. */
export async function momentAt(sql: Sql, position: number): Promise<Moment> {
  const [row] = await sql.all('select coalesce(max(no), 0) as late_no from late where at_position <= ?', [
    position,
  ]);
  return { position, lateNo: integer(row ?? {}, 'late_no') };
}

/** The next moment to follow to: at most `limit` events, and as many late changes, further. */
export async function nextMoment(sql: Sql, from: Moment, limit: number): Promise<Moment> {
  const now = await presentMoment(sql);
  const position = Math.min(now.position, from.position + limit);
  const { lateNo } = position === now.position ? now : await momentAt(sql, position);
  return { position, lateNo: Math.min(Math.max(lateNo, from.lateNo), from.lateNo + limit) };
}

export async function follow(sql: Sql, dataset: string, from: Moment, to: Moment): Promise<Followed> {
  const one = (table: string) =>
    `select dataset, scope, entity_id from ${table} where position > ? and position <= ?`;
  const values = [from.position, to.position];
  // In one statement: an event may be displaced at any time.
  const rows = await sql.all(`${one('event')} union all ${one('displaced_event')}`, [...values, ...values]);
  // Sorted out here: asked for the dataset too, SQLite would go through all that it ever had.
  const found = rows.filter((row) => row['dataset'] === dataset);
  const late = to.lateNo > from.lateNo ? await lateAfter(sql, dataset, from.lateNo, to.lateNo) : [];
  const keys = new Map<string, EntityKey>();
  for (const row of found) {
    const key = { dataset, scope: text(row, 'scope'), entityId: text(row, 'entity_id') };
    keys.set(entityName(key), key);
  }
  for (const row of late) keys.set(entityName(row), { dataset, scope: row.scope, entityId: row.entityId });
  const histories = await historiesOf(sql, [...keys.values()], from);
  return { to, histories, count: found.length + late.length };
}

/** First the events, then what changed: so nothing that changes meanwhile is missed. */
export async function historiesOf(
  sql: Sql,
  keys: readonly EntityKey[],
  from: Moment,
): Promise<EntityHistory[]> {
  if (keys.length === 0) return [];
  const dataset = keys[0]!.dataset;
  const rows = await sql.find(lookup(sql.family, 'event', ENTITY_KEY), distinctKeys(keys));
  const late = (await presentMoment(sql)).lateNo === 0 ? [] : await lateOf(sql, keys);
  return joined(dataset, [...rows, ...(await displacedSince(sql, rows, late, from))], late);
}

/** Events of entities behind `after` in a scope, about `limit` of them, each entity whole. */
export async function entityPage(
  sql: Sql,
  of: { readonly dataset: string; readonly scope: string },
  after: string,
  moment: Moment,
  limit: number,
): Promise<EntityPage> {
  const { dataset, scope } = of;
  const rows = await sql.all(
    `select position, scope, entity_id, status, ${BODY[sql.family]} from event
     where dataset = ? and scope = ? and entity_id > ? and position <= ? order by entity_id limit ?`,
    [dataset, scope, after, moment.position, limit],
  );
  const isEnd = rows.length < limit;
  const last = rows.length === 0 ? null : text(rows.at(-1)!, 'entity_id');
  const whole = isEnd ? rows : rows.filter((row) => row['entity_id'] !== last);
  if (!isEnd && whole.length === 0) return entityPage(sql, of, after, moment, limit * 4); // one that has very many
  const upTo = isEnd ? null : text(whole.at(-1)!, 'entity_id');
  const late = (await presentMoment(sql)).lateNo === 0 ? [] : await lateBetween(sql, of, after, upTo);
  const all = [...whole, ...(await displacedSince(sql, whole, late, moment))];
  return { histories: joined(dataset, all, late), count: whole.length, next: upTo };
}

async function lateBetween(
  sql: Sql,
  { dataset, scope }: { readonly dataset: string; readonly scope: string },
  after: string,
  upTo: string | null,
): Promise<LateRow[]> {
  const bound = upTo === null ? '' : ' and entity_id <= ?';
  const rows = await sql.all(`select * from late where dataset = ? and scope = ? and entity_id > ?${bound}`, [
    dataset,
    scope,
    after,
    ...(upTo === null ? [] : [upTo]),
  ]);
  return rows.map(lateOfRow);
}

/** The scopes in which a dataset has entities, in order, by one seek each. */
export async function scopesOf(sql: Sql, dataset: string): Promise<string[]> {
  const found = await sql.all(
    `with recursive s(scope) as (select min(scope) from event where dataset = ?
     union all select (select min(scope) from event where dataset = ? and scope > s.scope) from s where s.scope is not null)
     select scope from s where scope is not null
     union select scope from late where dataset = ?`,
    [dataset, dataset, dataset],
  );
  return found.map((row) => text(row, 'scope')).sort((a, b) => (a < b ? -1 : 1));
}

/**
 * What has been displaced by now may have counted at the moment. It changed after that then: when it was displaced, or
 * before, when it was set aside.
 */
async function displacedSince(
  sql: Sql,
  held: readonly SqlRow[],
  late: readonly LateRow[],
  from: Moment,
): Promise<SqlRow[]> {
  const changed = late.filter(({ no }) => no > from.lateNo);
  if (changed.length === 0) return [];
  const there = new Set(held.map((row) => integer(row, 'position')));
  const since = changed.filter(({ position }) => !there.has(position));
  if (since.length === 0) return [];
  const by = lookup(sql.family, 'displaced_event', [{ name: 'position', kind: 'integer' }]);
  const rows = await sql.find(by, keysOf(since.map(({ position }) => position)));
  return rows.map((row) => ({ ...row, status: 'displaced' }));
}

/** Rows of one entity nearly always come together. */
function joined(dataset: string, rows: readonly SqlRow[], late: readonly LateRow[]): EntityHistory[] {
  const byEntity = new Map<string, Map<string, Gathered>>();
  let last: Gathered | null = null;
  for (const row of rows) {
    const [scope, entityId] = [text(row, 'scope'), text(row, 'entity_id')];
    if (last === null || last.key.entityId !== entityId || last.key.scope !== scope)
      last = gatheredOf(byEntity, { dataset, scope, entityId });
    last.events.push(new Held(row));
  }
  const changes = late.length === 0 ? NO_LATE : new LateChanges(late);
  return [...byEntity.values()].flatMap((ids) =>
    [...ids.values()].map(({ key, events }) => ({ key, events: inOrder(events), late: changes })),
  );
}

interface Gathered {
  readonly key: EntityKey;
  readonly events: HeldEvent[];
}

function gatheredOf(byEntity: Map<string, Map<string, Gathered>>, key: EntityKey): Gathered {
  const ids = byEntity.get(key.scope) ?? new Map<string, Gathered>();
  byEntity.set(key.scope, ids);
  const gathered = ids.get(key.entityId) ?? { key, events: [] };
  ids.set(key.entityId, gathered);
  return gathered;
}

/** One found both where it was and where it went stands there once. */
function inOrder(events: HeldEvent[]): readonly HeldEvent[] {
  if (events.length === 1) return events;
  return [...new Map(events.map((held) => [held.position, held])).values()].sort(
    (a, b) => a.position - b.position,
  );
}

/** Decoded when it is folded, and not all of a page at a time: others wait for this process. */
class Held implements HeldEvent {
  readonly position: number;
  readonly isApplied: boolean;
  readonly #body: string;
  #event: DomainEvent | null = null;

  constructor(row: SqlRow) {
    this.position = integer(row, 'position');
    this.isApplied = row['status'] === 'applied';
    this.#body = text(row, 'body');
  }

  get event(): DomainEvent {
    return (this.#event ??= JSON.parse(this.#body) as DomainEvent);
  }
}
