import type { EntityKey } from '../../../domain/event.ts';
import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import type { WaitingRow } from '../store.ts';
import { table } from '../table.ts';
import { distinctKeys, ENTITY_KEY } from './entity-key.ts';
import { keysOf } from './event-rows.ts';
import { integer, text } from './read-value.ts';

const WAITING = table('waiting', ['position'], {
  position: 'integer',
  office: 'text',
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  status: 'text',
  reason: 'text',
  detail: 'text',
  since_ms: 'integer',
});

const OF_ENTITY: Lookup = { table: 'waiting', select: '*', key: ENTITY_KEY };

export async function insertWaiting(sql: Sql, rows: readonly WaitingRow[]): Promise<void> {
  if (rows.length > 0) await sql.insert(WAITING, rows.map(waitingValues));
}

export async function removeWaiting(sql: Sql, positions: readonly number[]): Promise<void> {
  await sql.runByKey('delete from waiting where', [{ name: 'position', kind: 'integer' }], keysOf(positions));
}

export async function waitingOf(sql: Sql, keys: readonly EntityKey[]): Promise<WaitingRow[]> {
  const rows = await sql.find(OF_ENTITY, distinctKeys(keys));
  return rows.map(waitingOfRow).sort((a, b) => a.position - b.position);
}

function waitingOfRow(row: SqlRow): WaitingRow {
  return {
    position: integer(row, 'position'),
    office: text(row, 'office'),
    dataset: text(row, 'dataset'),
    scope: text(row, 'scope'),
    entityId: text(row, 'entity_id'),
    status: text(row, 'status') as WaitingRow['status'],
    reason: text(row, 'reason'),
    detail: text(row, 'detail'),
    sinceMs: integer(row, 'since_ms'),
  };
}

function waitingValues(row: WaitingRow): SqlValue[] {
  return [
    row.position,
    row.office,
    row.dataset,
    row.scope,
    row.entityId,
    row.status,
    row.reason,
    row.detail,
    row.sinceMs,
  ];
}
