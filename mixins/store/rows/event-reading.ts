import type { OfficeId } from '../../../domain/event.ts';
import type { Sql, SqlRow, SqlValue } from '../sql.ts';
import type { EventRow, FeedFilter, KeptEvent } from '../store.ts';
import { eventOf, KEPT, keptOf, READ } from './event-rows.ts';
import { integer } from './read-value.ts';

/** How much to read: `bytes` is overstepped by the last event at most, and by a single one at any length. */
export interface ReadLimit {
  readonly count: number;
  readonly bytes: number;
}

interface Condition {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** All scopes that have events, by one seek each: the smallest, then the smallest after it, and so on. */
const SCOPES =
  'with recursive s(scope) as (select min(scope) from event ' +
  'union all select (select min(scope) from event where scope > s.scope) from s where s.scope is not null)';

export async function eventsBySeq(
  sql: Sql,
  office: OfficeId,
  after: number,
  limit: ReadLimit,
): Promise<EventRow[]> {
  return (await readRun(sql, READ, bySeq(office, after, limit), 'seq, epoch', limit.bytes)).map(eventOf);
}

export async function keptBySeq(
  sql: Sql,
  office: OfficeId,
  after: number,
  limit: ReadLimit,
): Promise<KeptEvent[]> {
  return (await readRun(sql, KEPT, bySeq(office, after, limit), 'seq, epoch', limit.bytes)).map(keptOf);
}

function bySeq(office: OfficeId, after: number, { count }: ReadLimit): Condition {
  return {
    text: 'select position, size, seq, epoch from event where office = ? and seq > ? order by seq, epoch limit ?',
    values: [office, after, count],
  };
}

export async function eventsByPosition(
  sql: Sql,
  after: number,
  limit: ReadLimit,
  only: FeedFilter = {},
): Promise<EventRow[]> {
  const each = filters(only).map(({ text, values }) => ({
    text: `select * from (select position, size from event where position > ?${text} order by position limit ?) t`,
    values: [after, ...values, limit.count],
  }));
  if (each.length === 0) return [];
  const found = {
    text: `select * from (${each.map(({ text }) => text).join(' union all ')}) u order by position limit ?`,
    values: [...each.flatMap(({ values }) => values), limit.count],
  };
  return (await readRun(sql, READ, found, 'position', limit.bytes)).map(eventOf);
}

/** Chosen by their sizes first, so that no more than the limit is read, and all in one statement. */
async function readRun(
  sql: Sql,
  columns: string,
  found: Condition,
  order: string,
  bytes: number,
): Promise<SqlRow[]> {
  const rows = await sql.all(
    `select ${prefixed(columns)}, p.ahead from event e join (
       select position, sum(size) over (order by ${order} rows unbounded preceding) - size as ahead from (${found.text}) c
     ) p on p.position = e.position where p.ahead < ?`,
    [...found.values, Math.max(1, bytes)],
  );
  // Sorted here: MariaDB would carry the bytes through a sort on disk.
  return [...rows].sort((a, b) => integer(a, 'ahead') - integer(b, 'ahead'));
}

function prefixed(columns: string): string {
  return columns
    .split(', ')
    .map((column) => `e.${column}`)
    .join(', ');
}

/**
 * The filter as one or more conditions that exclude each other, each answered in order of position by an index:
 * (scope, by_owner, position, office), or the positions themselves when it names no scope.
 */
function filters(only: FeedFilter): Condition[] {
  const authors = authorCondition(only);
  if (only.scopes === undefined) return [authors];
  return [...new Set(only.scopes)].flatMap((scope) =>
    pensOf(scope, only).map((byOwner) => ({
      text: ` and scope = ? and by_owner = ${byOwner}${authors.text}`,
      values: [scope, ...authors.values],
    })),
  );
}

/** Whether the owner's events (1) and those of others (0) can match at all. */
function pensOf(scope: string, { author, notAuthor }: FeedFilter): (0 | 1)[] {
  const byOwner = notAuthor !== scope && (author === undefined || author === scope);
  const byOthers = author !== scope;
  return [...(byOthers ? [0 as const] : []), ...(byOwner ? [1 as const] : [])];
}

function authorCondition({ author, notAuthor }: FeedFilter): Condition {
  return {
    text:
      (author === undefined ? '' : ' and office = ?') + (notAuthor === undefined ? '' : ' and office <> ?'),
    values: [...(author === undefined ? [] : [author]), ...(notAuthor === undefined ? [] : [notAuthor])],
  };
}

export async function lastPosition(sql: Sql, only: FeedFilter, upTo?: number): Promise<number> {
  if (only.scopes === undefined && (only.author ?? only.notAuthor) !== undefined) {
    return lastOfAnyScope(sql, only, upTo);
  }
  const each = filters(only).map(({ text, values }) => lastOne({ text, values }, upTo));
  if (each.length === 0) return 0;
  const [row] = await sql.all(
    `select max(position) as last from (${each.map(({ text }) => text).join(' union all ')}) u`,
    each.flatMap(({ values }) => values),
  );
  return integer(row ?? {}, 'last') || 0;
}

function lastOne({ text, values }: Condition, upTo: number | undefined): Condition {
  const bound = upTo === undefined ? '' : ' and position <= ?';
  return {
    text: `select * from (select position from event where 1 = 1${text}${bound} order by position desc limit 1) t`,
    values: [...values, ...(upTo === undefined ? [] : [upTo])],
  };
}

/** Asks scope by scope: going back through the whole log could be long for an office that wrote little. */
async function lastOfAnyScope(sql: Sql, only: FeedFilter, upTo: number | undefined): Promise<number> {
  const authors = authorCondition(only);
  const bound = upTo === undefined ? '' : ' and position <= ?';
  const last = (byOwner: 0 | 1) =>
    `(select position from event e where e.scope = s.scope and by_owner = ${byOwner}${authors.text}${bound} ` +
    'order by position desc limit 1)';
  const owners = authorCondition(only).text.replaceAll('office', 's.scope').replace(' and ', '');
  const values = [...authors.values, ...(upTo === undefined ? [] : [upTo])];
  const [row] = await sql.all(
    `${SCOPES} select max(others) as others, max(owned) as owned from (
       select ${last(0)} as others, case when ${owners} then ${last(1)} end as owned from s
     ) t`,
    [...values, ...authors.values, ...values],
  );
  return Math.max(integer(row ?? {}, 'others') || 0, integer(row ?? {}, 'owned') || 0);
}

/** Each by one seek; asked for both at once, SQLite would read all of them. */
const ENDS =
  'select (select min(seq) from event where office = ?) as first, (select max(seq) from event where office = ?) as last';

/** See `StoreReader.tipsOf`. Where a seq is not held, the next lower one stands in. */
export async function tipsOf(sql: Sql, office: OfficeId, limit: number): Promise<EventRow[]> {
  const [ends] = await sql.all(ENDS, [office, office]);
  if (ends?.['last'] == null) return [];
  const newest = await lastPosition(sql, { author: office });
  const seqs = stepsBack(integer(ends, 'first'), integer(ends, 'last'), limit - 1);
  const wanted = ['select position from event where position = ?', ...seqs.map(() => ATOP)];
  const rows = await sql.all(
    `select e.position, e.status, e.hash, e.bytes from event e where position in (${wanted.join(' union ')})`,
    [newest, ...seqs.flatMap((seq) => [office, seq])],
  );
  const isTip = ({ position }: EventRow) => Number(position === newest);
  return rows
    .map(eventOf)
    .sort((a, b) => isTip(b) - isTip(a) || b.event.seq - a.event.seq || b.position - a.position)
    .slice(0, limit);
}

const ATOP =
  'select * from (select position from event where office = ? and seq <= ? order by seq desc, epoch desc limit 1) t';

/** last - 1, last - 2, last - 4, ... and first, newest first, at most `count`. */
function stepsBack(first: number, last: number, count: number): number[] {
  const seqs: number[] = [];
  for (let back = 1; last - back > first; back *= 2) seqs.push(last - back);
  return [...seqs.slice(0, count - 1), first].slice(0, Math.max(0, count));
}

/** One index seek for each life: (office, epoch, seq) is unique. `cross join`: SQLite would begin with all events. */
export async function newestOfLives(sql: Sql, office: OfficeId, limit: number): Promise<EventRow[]> {
  const lives =
    'select epoch, max(seq) as seq from event where office = ? group by epoch order by epoch desc limit ?';
  const rows = await sql.all(
    `select e.position, e.status, e.hash, e.bytes from (${lives}) l
     cross join event e where e.office = ? and e.epoch = l.epoch and e.seq = l.seq`,
    [office, limit, office],
  );
  return rows.map(eventOf).sort((a, b) => b.event.epoch - a.event.epoch);
}
