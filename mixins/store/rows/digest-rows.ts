import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import type { DigestRow } from '../store.ts';
import { table } from '../table.ts';
import { bytes, integer, text } from './read-value.ts';

const DIGEST = table('digest', ['dataset', 'scope', 'bucket'], {
  dataset: 'text',
  scope: 'text',
  bucket: 'integer',
  count: 'integer',
  events: 'bytes',
  state: 'bytes',
});

const OF_SCOPE: Lookup = {
  table: 'digest',
  select: '*',
  key: [
    { name: 'dataset', kind: 'text' },
    { name: 'scope', kind: 'text' },
  ],
};

export async function digests(sql: Sql, dataset: string, scope: string): Promise<DigestRow[]> {
  const rows = await sql.all('select * from digest where dataset = ? and scope = ? order by bucket', [
    dataset,
    scope,
  ]);
  return rows.map(digestOf);
}

/** Each scope once. */
export async function digestsOf(
  sql: Sql,
  scopes: readonly Pick<DigestRow, 'dataset' | 'scope'>[],
): Promise<DigestRow[]> {
  const keys = new Map(scopes.map(({ dataset, scope }) => [`${dataset}\n${scope}`, [dataset, scope]]));
  return (await sql.find(OF_SCOPE, [...keys.values()])).map(digestOf);
}

export async function saveDigests(sql: Sql, rows: readonly DigestRow[]): Promise<void> {
  if (rows.length > 0) await sql.upsert(DIGEST, rows.map(digestValues));
}

function digestOf(row: SqlRow): DigestRow {
  return {
    dataset: text(row, 'dataset'),
    scope: text(row, 'scope'),
    bucket: integer(row, 'bucket'),
    count: integer(row, 'count'),
    events: bytes(row, 'events'),
    state: bytes(row, 'state'),
  };
}

function digestValues(row: DigestRow): SqlValue[] {
  return [row.dataset, row.scope, row.bucket, row.count, row.events, row.state];
}
