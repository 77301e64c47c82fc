import type { EntityKey } from '../../../domain/event.ts';
import type { FoldFailure } from '../../../domain/projections/sums.ts';
import { ENTITY_KEY } from '../rows/entity-key.ts';
import { integer, text } from '../rows/read-value.ts';
import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import { table } from '../table.ts';
import type { Job, LockedRow, ProjectionRow } from './projection-store.ts';

const PROJECTION = table('projection', ['name'], {
  name: 'text',
  base: 'text',
  kind: 'text',
  version: 'integer',
  state: 'text',
  position: 'integer',
  late_no: 'integer',
  holder: 'text',
  token: 'integer',
  lease_until_ms: 'integer',
  failures: 'integer',
  updated_at_ms: 'integer',
  job: 'text',
});

const FAILURE = table('projection_failure', ['projection', 'dataset', 'scope', 'entity_id'], {
  projection: 'text',
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  reason: 'text',
  detail: 'text',
  since_ms: 'integer',
});

const LONGEST_REASON = 64;
const LONGEST_DETAIL = 500;
const FAILED: Lookup = {
  table: 'projection_failure',
  select: 'dataset, scope, entity_id',
  key: [{ name: 'projection', kind: 'text' }, ...ENTITY_KEY],
};

export async function projectionRows(sql: Sql): Promise<ProjectionRow[]> {
  return (await sql.all('select * from projection order by name')).map(projectionOf);
}

export async function projectionRow(sql: Sql, name: string): Promise<ProjectionRow | null> {
  const [row] = await sql.all('select * from projection where name = ?', [name]);
  return row === undefined ? null : projectionOf(row);
}

const MYSQL_NOW = 'cast(unix_timestamp(sysdate(3)) * 1000 as signed)';
const NOW_MS = {
  sqlite: `cast(unixepoch('subsec') * 1000 as integer)`,
  postgresql: 'floor(extract(epoch from clock_timestamp()) * 1000)::bigint',
  mariadb: MYSQL_NOW,
  mysql: MYSQL_NOW,
};

export async function lockProjectionRow(sql: Sql, name: string): Promise<LockedRow | null> {
  const locked = sql.family === 'sqlite' ? '' : ' for update';
  const [row] = await sql.all(
    `select projection.*, ${NOW_MS[sql.family]} as now_ms from projection where name = ?${locked}`,
    [name],
  );
  return row === undefined ? null : { ...projectionOf(row), nowMs: integer(row, 'now_ms') };
}

export async function insertProjectionRow(sql: Sql, row: ProjectionRow): Promise<void> {
  await sql.insert(PROJECTION, [valuesOf(row)]);
}

export async function saveProjectionRow(sql: Sql, row: ProjectionRow): Promise<void> {
  await sql.upsert(PROJECTION, [valuesOf(row)]);
}

function valuesOf(row: ProjectionRow): SqlValue[] {
  const { checkpoint, job } = row;
  return [
    row.name,
    row.base,
    row.kind,
    row.version,
    row.state,
    checkpoint.position,
    checkpoint.lateNo,
    row.holder,
    row.token,
    row.leaseUntilMs,
    row.failures,
    row.updatedAtMs,
    job === null ? '' : JSON.stringify(job),
  ];
}

function projectionOf(row: SqlRow): ProjectionRow {
  const job = text(row, 'job');
  return {
    name: text(row, 'name'),
    base: text(row, 'base'),
    kind: text(row, 'kind') as ProjectionRow['kind'],
    version: integer(row, 'version'),
    state: text(row, 'state') as ProjectionRow['state'],
    checkpoint: { position: integer(row, 'position'), lateNo: integer(row, 'late_no') },
    holder: text(row, 'holder'),
    token: integer(row, 'token'),
    leaseUntilMs: integer(row, 'lease_until_ms'),
    failures: integer(row, 'failures'),
    updatedAtMs: integer(row, 'updated_at_ms'),
    job: job === '' ? null : jobOf(job, integer(row, 'version')),
  };
}

/** Those that an earlier program began do not name their version. */
function jobOf(job: string, version: number): Job {
  return { version, ...(JSON.parse(job) as Omit<Job, 'version'> & { version?: number }) };
}

export async function failing(
  sql: Sql,
  projection: string,
  keys: readonly EntityKey[],
): Promise<EntityKey[]> {
  const rows = await sql.find(FAILED, failureKeys(projection, keys));
  return rows.map(keyOf);
}

export async function failuresOf(sql: Sql, projection: string, limit: number): Promise<FoldFailure[]> {
  const rows = await sql.all(
    'select * from projection_failure where projection = ? order by dataset, scope, entity_id limit ?',
    [projection, limit],
  );
  return rows.map((row) => ({ ...keyOf(row), reason: text(row, 'reason'), detail: text(row, 'detail') }));
}

export async function saveFailures(
  sql: Sql,
  projection: string,
  failures: readonly FoldFailure[],
  nowMs: number,
): Promise<void> {
  if (failures.length === 0) return;
  const rows = failures.map(({ dataset, scope, entityId, reason, detail }) => {
    const why = [reason.slice(0, LONGEST_REASON), detail.slice(0, LONGEST_DETAIL)];
    return [projection, dataset, scope, entityId, ...why, nowMs];
  });
  await sql.upsert(FAILURE, rows);
}

export async function removeFailures(
  sql: Sql,
  projection: string,
  keys: readonly EntityKey[],
): Promise<void> {
  if (keys.length === 0) return;
  await sql.runByKey('delete from projection_failure where', FAILED.key, failureKeys(projection, keys));
}

function failureKeys(projection: string, keys: readonly EntityKey[]): SqlValue[][] {
  return keys.map(({ dataset, scope, entityId }) => [projection, dataset, scope, entityId]);
}

function keyOf(row: SqlRow): EntityKey {
  return { dataset: text(row, 'dataset'), scope: text(row, 'scope'), entityId: text(row, 'entity_id') };
}
