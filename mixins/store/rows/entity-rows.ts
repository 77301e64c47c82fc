import type { EntityKey } from '../../../domain/event.ts';
import { assertInvariant } from '../../../domain/errors.ts';
import { decodeState, encodeState } from '../../../domain/office/present.ts';
import type { EntityState } from '../../../domain/office/entity-state.ts';
import type { DatasetTable } from '../datasets/dataset-table.ts';
import { rowValues } from '../datasets/dataset-rows.ts';
import type { Lookup, Sql, SqlValue } from '../sql.ts';
import type { EntityWrite } from '../store.ts';
import { quoted, table } from '../table.ts';
import { ENTITY_KEY, inKeyOrder } from './entity-key.ts';
import { text } from './read-value.ts';

/** The datasets that have tables, by name. */
export type DatasetTables = ReadonlyMap<string, DatasetTable>;

/** States of entities whose dataset has no table of its own. */
const ENTITY = table('entity', ['dataset', 'scope', 'entity_id'], {
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  entity_state: 'text',
});

interface Group<T extends EntityKey> {
  readonly own: DatasetTable | undefined;
  readonly members: readonly T[];
}

export async function lockEntities(
  sql: Sql,
  tables: DatasetTables,
  keys: readonly EntityKey[],
): Promise<EntityState[]> {
  return findStates(sql, tables, keys, true);
}

export async function entity(sql: Sql, tables: DatasetTables, key: EntityKey): Promise<EntityState | null> {
  const [state] = await findStates(sql, tables, [key], false);
  return state ?? null;
}

async function findStates(
  sql: Sql,
  tables: DatasetTables,
  keys: readonly EntityKey[],
  lock: boolean,
): Promise<EntityState[]> {
  const states: EntityState[] = [];
  for (const { own, members } of byTable(tables, keys)) {
    const rows = await sql.find(
      stateLookup(own, lock),
      members.map((key) => keyValues(own, key)),
    );
    states.push(...rows.map((row) => decodeState(text(row, 'entity_state'))));
  }
  return inKeyOrder(states);
}

export async function saveEntities(
  sql: Sql,
  tables: DatasetTables,
  writes: readonly EntityWrite[],
): Promise<void> {
  const keyed = writes.map((write) => ({ ...keyOf(write.state), write }));
  for (const { own, members } of byTable(tables, keyed)) {
    const into = own?.table ?? ENTITY;
    const fresh = members.filter(({ write }) => write.isNew);
    const known = members.filter(({ write }) => !write.isNew);
    const valuesOf = ({ write }: { write: EntityWrite }) => entityValues(sql, own, write);
    if (fresh.length > 0) await sql.insert(into, fresh.map(valuesOf));
    if (known.length > 0) await sql.upsert(into, known.map(valuesOf));
  }
}

export async function removeEntities(
  sql: Sql,
  tables: DatasetTables,
  keys: readonly EntityKey[],
): Promise<void> {
  for (const { own, members } of byTable(tables, keys)) {
    const text = `delete from ${quoted(own?.table.name ?? ENTITY.name)} where`;
    await sql.runByKey(
      text,
      lookupKey(own),
      members.map((key) => keyValues(own, key)),
    );
  }
}

function entityValues(sql: Sql, own: DatasetTable | undefined, { state, row }: EntityWrite): SqlValue[] {
  const encoded = encodeState(state);
  if (!own) return [state.dataset, state.scope, state.entityId, encoded];
  assertInvariant(row !== null, 'an entity of a dataset with a table has a row', { ...keyOf(state) });
  return rowValues(sql.family, own, row, encoded);
}

/** In key order: first by dataset, so table by table, then within each. */
function byTable<T extends EntityKey>(tables: DatasetTables, keys: readonly T[]): Group<T>[] {
  const groups = new Map<string, T[]>();
  for (const key of inKeyOrder(keys)) {
    const group = groups.get(key.dataset);
    if (group) group.push(key);
    else groups.set(key.dataset, [key]);
  }
  return [...groups].map(([dataset, members]) => ({ own: tables.get(dataset), members }));
}

function stateLookup(own: DatasetTable | undefined, lock: boolean): Lookup {
  return { table: own?.table.name ?? ENTITY.name, select: 'entity_state', key: lookupKey(own), lock };
}

function lookupKey(own: DatasetTable | undefined): Lookup['key'] {
  return own ? ENTITY_KEY.slice(1) : ENTITY_KEY;
}

function keyValues(own: DatasetTable | undefined, { dataset, scope, entityId }: EntityKey): SqlValue[] {
  return own ? [scope, entityId] : [dataset, scope, entityId];
}

function keyOf({ dataset, scope, entityId }: EntityKey): EntityKey {
  return { dataset, scope, entityId };
}
