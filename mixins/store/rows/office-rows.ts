import type { Sql, SqlValue } from '../sql.ts';
import type { OfficeRow } from '../store.ts';
import { table } from '../table.ts';
import { pointValues } from './read-value.ts';

const OFFICE = table('office', ['office'], {
  office: 'text',
  name: 'text',
  status: 'text',
  subscribe: 'text',
  cursor_epoch: 'integer',
  cursor_seq: 'integer',
  cursor_hash: 'bytes',
  granted_epoch: 'integer',
  session: 'integer',
  session_confirmed: 'boolean',
  instance: 'text',
  lease_until_ms: 'integer',
  last_contact_at_ms: 'integer',
  safe_seq: 'integer',
  added_at_ms: 'integer',
  quarantined: 'text',
  datasets: 'text',
});

export async function saveOffices(sql: Sql, rows: readonly OfficeRow[]): Promise<void> {
  if (rows.length > 0) await sql.upsert(OFFICE, rows.map(officeValues));
}

function officeValues(row: OfficeRow): SqlValue[] {
  return [
    row.office,
    row.name,
    row.status,
    row.subscribe,
    ...pointValues(row.cursor),
    row.grantedEpoch,
    row.session,
    row.sessionConfirmed,
    row.instance,
    row.leaseUntilMs,
    row.lastContactAtMs,
    row.safeSeq,
    row.addedAtMs,
    row.quarantined.count === 0 ? '' : JSON.stringify(row.quarantined),
    row.datasets.evolutions === 0 ? null : JSON.stringify(row.datasets),
  ];
}
