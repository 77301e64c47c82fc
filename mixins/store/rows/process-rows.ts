import { tableColumns } from '../schema-facts.ts';
import type { Sql } from '../sql.ts';
import { table } from '../table.ts';
import { integer, text } from './read-value.ts';

/** A process of any machine, as people find it. */
export interface ProcessRow {
  readonly host: string;
  readonly pid: number;
  /** When it took the database, in ms since 1970. */
  readonly sinceMs: number;
}

const PROCESS = table('process', ['id'], {
  id: 'integer',
  host: 'text',
  pid: 'integer',
  since_ms: 'integer',
});

export async function saveProcess(sql: Sql, { host, pid, sinceMs }: ProcessRow): Promise<void> {
  await sql.upsert(PROCESS, [[1, host, pid, sinceMs]]);
}

/** null as well where the table is still to be made. */
export async function readProcess(sql: Sql): Promise<ProcessRow | null> {
  if ((await tableColumns(sql, PROCESS.name)).length === 0) return null;
  const [row] = await sql.all('select host, pid, since_ms from process where id = 1');
  return row
    ? { host: text(row, 'host'), pid: integer(row, 'pid'), sinceMs: integer(row, 'since_ms') }
    : null;
}
