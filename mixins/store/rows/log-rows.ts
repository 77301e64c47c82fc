import { START_OF_CHAIN, ZERO_HASH } from '../../../domain/chain.ts';
import { DomainError } from '../../../domain/errors.ts';
import { START_OF_TIME } from '../../../domain/hlc.ts';
import type { Sql, SqlRow, SqlValue } from '../sql.ts';
import type { LogRow } from '../store.ts';
import { quoted, table } from '../table.ts';
import { bytes, flag, integer, json, pointAt, pointValues, text } from './read-value.ts';

const LOG = table('log', ['id'], {
  id: 'integer',
  office: 'text',
  role: 'text',
  tail_epoch: 'integer',
  tail_seq: 'integer',
  tail_hash: 'bytes',
  position: 'integer',
  at: 'text',
  hold: 'text',
  paused: 'boolean',
  waiting: 'integer',
  session: 'integer',
  acked_epoch: 'integer',
  acked_seq: 'integer',
  acked_hash: 'bytes',
  safe_seq: 'integer',
  feed_epoch: 'integer',
  feed_position: 'integer',
  feed_hash: 'bytes',
  own_feed_epoch: 'integer',
  feed_forks: 'text',
  head_office: 'text',
  definitions: 'integer',
});

const SELECT = 'select * from log where id = 1';
const UPDATE = `update log set ${LOG.columns.map(({ name }) => `${quoted(name)} = ?`).join(', ')} where id = 1`;

export function newLog(office: string, role: LogRow['role']): LogRow {
  return {
    office,
    role,
    tail: START_OF_CHAIN,
    position: 0,
    at: START_OF_TIME,
    hold: 'none',
    paused: false,
    waiting: 0,
    session: 0,
    acked: START_OF_CHAIN,
    safeSeq: 0,
    feed: { feedEpoch: 1, position: 0, hash: ZERO_HASH },
    feedEpoch: 1,
    feedForks: [],
    headOffice: role === 'head' ? office : '',
    definitions: 0,
  };
}

export async function readLog(sql: Sql): Promise<LogRow> {
  return logOf(await sql.all(SELECT));
}

export async function lockLog(sql: Sql): Promise<LogRow> {
  return logOf(await sql.all(sql.family === 'sqlite' ? SELECT : `${SELECT} for update`));
}

export async function insertLog(sql: Sql, row: LogRow): Promise<void> {
  await sql.insert(LOG, [logValues(row)]);
}

export async function saveLog(sql: Sql, row: LogRow): Promise<void> {
  await sql.run(UPDATE, logValues(row));
}

function logOf([row]: SqlRow[]): LogRow {
  if (row === undefined)
    throw new DomainError('invariant-broken', 'Invariant broken: a store has one log row');
  return {
    office: text(row, 'office'),
    role: text(row, 'role') as LogRow['role'],
    tail: pointAt(row, 'tail'),
    position: integer(row, 'position'),
    at: text(row, 'at'),
    hold: text(row, 'hold') as LogRow['hold'],
    paused: flag(row, 'paused'),
    waiting: integer(row, 'waiting'),
    session: integer(row, 'session'),
    acked: pointAt(row, 'acked'),
    safeSeq: integer(row, 'safe_seq'),
    feed: {
      feedEpoch: integer(row, 'feed_epoch'),
      position: integer(row, 'feed_position'),
      hash: bytes(row, 'feed_hash'),
    },
    feedEpoch: integer(row, 'own_feed_epoch'),
    feedForks: json(row, 'feed_forks'),
    headOffice: text(row, 'head_office'),
    definitions: integer(row, 'definitions'),
  };
}

function logValues(row: LogRow): SqlValue[] {
  return [
    1,
    row.office,
    row.role,
    ...pointValues(row.tail),
    row.position,
    row.at,
    row.hold,
    row.paused,
    row.waiting,
    row.session,
    ...pointValues(row.acked),
    row.safeSeq,
    row.feed.feedEpoch,
    row.feed.position,
    row.feed.hash,
    row.feedEpoch,
    JSON.stringify(row.feedForks),
    row.headOffice,
    row.definitions,
  ];
}
