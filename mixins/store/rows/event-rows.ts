import type { ChainPoint } from '../../../domain/chain.ts';
import type { DomainEvent, Dot, EntityKey, OfficeId } from '../../../domain/event.ts';
import { idempotencyName, isKeyed } from '../../../domain/office/event-id.ts';
import type { Lookup, Sql, SqlRow, SqlValue } from '../sql.ts';
import type { EventRow, EventStatus, KeptEvent } from '../store.ts';
import { table } from '../table.ts';
import { distinctKeys, ENTITY_KEY } from './entity-key.ts';
import { bytes, integer, text } from './read-value.ts';

const EVENT = table('event', ['position'], {
  position: 'integer',
  office: 'text',
  epoch: 'integer',
  seq: 'integer',
  keyed: 'text',
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  by_owner: 'integer',
  status: 'text',
  size: 'integer',
  hash: 'bytes',
  bytes: 'bytes',
});

/** What an event is read back from: the rest of the columns is for finding it. */
export const READ = 'position, status, hash, bytes';
/** What `keptOf` reads. */
export const KEPT = 'office, epoch, seq, dataset, scope, entity_id, by_owner, size, hash, bytes';
const POSITION = [{ name: 'position', kind: 'integer' }] as const;

const BY_POSITION: Lookup = { table: 'event', select: READ, key: POSITION };
const BY_KEYED: Lookup = { table: 'event', select: READ, key: [{ name: 'keyed', kind: 'text' }] };
const BY_DOT: Lookup = {
  table: 'event',
  select: READ,
  key: [
    { name: 'office', kind: 'text' },
    { name: 'seq', kind: 'integer' },
    { name: 'epoch', kind: 'integer' },
  ],
};

const BY_ENTITY: Lookup = { table: 'event', select: READ, key: ENTITY_KEY };

const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

export function eventOf(row: SqlRow): EventRow {
  const canonical = bytes(row, 'bytes');
  return {
    event: JSON.parse(DECODER.decode(canonical)) as DomainEvent,
    bytes: canonical,
    hash: bytes(row, 'hash'),
    position: integer(row, 'position'),
    status: text(row, 'status') as EventStatus,
  };
}

export function keptOf(row: SqlRow): KeptEvent {
  return {
    office: text(row, 'office'),
    epoch: integer(row, 'epoch'),
    seq: integer(row, 'seq'),
    dataset: text(row, 'dataset'),
    scope: text(row, 'scope'),
    entityId: text(row, 'entity_id'),
    byOwner: integer(row, 'by_owner') === 1,
    size: integer(row, 'size'),
    hash: bytes(row, 'hash'),
    bytes: bytes(row, 'bytes'),
  };
}

function eventValues(
  owner: OfficeId,
  { event, position, status, hash, bytes: canonical }: EventRow,
): SqlValue[] {
  return [
    position,
    event.office,
    event.epoch,
    event.seq,
    event.office === owner && isKeyed(event.id) ? idempotencyName(event.id) : null,
    event.dataset,
    event.scope,
    event.entityId,
    Number(event.office === event.scope),
    status,
    canonical.length,
    hash,
    canonical,
  ];
}

export async function insertEvents(sql: Sql, owner: OfficeId, rows: readonly EventRow[]): Promise<void> {
  if (rows.length > 0)
    await sql.insert(
      EVENT,
      rows.map((row) => eventValues(owner, row)),
    );
}

export async function setEventStatus(
  sql: Sql,
  positions: readonly number[],
  status: EventStatus,
): Promise<void> {
  // The status is one of four words of ours, so it may stand in the text.
  await sql.runByKey(`update event set status = '${status}' where`, POSITION, keysOf(positions));
}

/** Moved to a table of their own, so that no other query has to leave them out. */
export async function displaceAfter(sql: Sql, office: OfficeId, seq: number): Promise<void> {
  const displaced = 'from event where office = ? and seq > ?';
  const columns = EVENT.columns.map(({ name }) => name).join(', ');
  await sql.run(`delete from waiting where position in (select position ${displaced})`, [office, seq]);
  await sql.run(`insert into displaced_event (${columns}) select ${columns} ${displaced}`, [office, seq]);
  await sql.run(`delete ${displaced}`, [office, seq]);
}

export async function displaced(sql: Sql): Promise<EventRow[]> {
  return (await sql.all(`select ${READ} from displaced_event order by position`)).map(eventOf);
}

export async function eventAt(sql: Sql, position: number): Promise<EventRow | null> {
  const [row] = await sql.find(BY_POSITION, [[position]]);
  return row ? eventOf(row) : null;
}

export async function eventsAt(sql: Sql, positions: readonly number[]): Promise<EventRow[]> {
  return inOrder(await sql.find(BY_POSITION, keysOf(positions)));
}

export async function pointAt(sql: Sql, office: OfficeId, seq: number): Promise<ChainPoint | null> {
  const [row] = await sql.all(
    'select epoch, hash from event where office = ? and seq = ? order by epoch desc limit 1',
    [office, seq],
  );
  return row ? { epoch: integer(row, 'epoch'), seq, hash: bytes(row, 'hash') } : null;
}

export async function eventsByDots(sql: Sql, dots: readonly Dot[]): Promise<EventRow[]> {
  return inOrder(
    await sql.find(BY_DOT, distinct(dots.map(({ office, seq, epoch }) => [office, seq, epoch]))),
  );
}

export async function ownKeyed(sql: Sql, names: readonly string[]): Promise<EventRow[]> {
  return inOrder(await sql.find(BY_KEYED, keysOf(names)));
}

export async function eventsOfEntity(sql: Sql, key: EntityKey): Promise<EventRow[]> {
  const rows = await sql.all(
    `select ${READ} from event where dataset = ? and scope = ? and entity_id = ? order by position`,
    [key.dataset, key.scope, key.entityId],
  );
  return rows.map(eventOf);
}

export async function eventsOfEntities(sql: Sql, keys: readonly EntityKey[]): Promise<EventRow[]> {
  return inOrder(await sql.find(BY_ENTITY, distinctKeys(keys)));
}

function inOrder(rows: readonly SqlRow[]): EventRow[] {
  return rows.map(eventOf).sort((a, b) => a.position - b.position);
}

export function keysOf(values: readonly SqlValue[]): SqlValue[][] {
  return [...new Set(values)].map((value) => [value]);
}

function distinct(keys: readonly SqlValue[][]): SqlValue[][] {
  return [...new Map(keys.map((key) => [key.join('\n'), key])).values()];
}
