import type { ConflictCase } from '../../../domain/conflict/case.ts';
import { sortableDecimal } from '../../../domain/decimal.ts';
import { compareText, type EntityKey } from '../../../domain/event.ts';
import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import { table } from '../table.ts';
import { distinctKeys, ENTITY_KEY } from './entity-key.ts';
import { json } from './read-value.ts';

/** The case itself is `body`; the other columns are for finding it. */
const CASE = table('conflict_case', ['id'], {
  id: 'text',
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  status: 'text',
  opened_at: 'text',
  settled_at: 'text',
  at_stake: 'text',
  body: 'text',
});

const OF_ENTITY: Lookup = {
  table: 'conflict_case',
  select: 'body',
  key: [...ENTITY_KEY, { name: 'status', kind: 'text' }],
};

const BY_ID: Lookup = { table: 'conflict_case', select: 'body', key: [{ name: 'id', kind: 'text' }] };

export async function saveCases(sql: Sql, cases: readonly ConflictCase[]): Promise<void> {
  if (cases.length > 0) await sql.upsert(CASE, cases.map(caseValues));
}

export async function openCases(sql: Sql, keys: readonly EntityKey[]): Promise<ConflictCase[]> {
  const rows = await sql.find(
    OF_ENTITY,
    distinctKeys(keys).map((key) => [...key, 'open']),
  );
  return rows.map(caseOf).sort((a, b) => compareText(a.id, b.id));
}

export async function casesById(sql: Sql, ids: readonly string[]): Promise<ConflictCase[]> {
  const rows = await sql.find(
    BY_ID,
    [...new Set(ids)].map((id) => [id]),
  );
  return rows.map(caseOf);
}

function caseOf(row: SqlRow): ConflictCase {
  return json<ConflictCase>(row, 'body');
}

function caseValues(conflict: ConflictCase): SqlValue[] {
  return [
    conflict.id,
    conflict.dataset,
    conflict.scope,
    conflict.entityId,
    conflict.status,
    conflict.openedAt,
    conflict.settledAt,
    conflict.atStake == null ? null : sortableDecimal(conflict.atStake),
    JSON.stringify(conflict),
  ];
}
