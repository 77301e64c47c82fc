import { addDecimals, compareDecimals } from '../../domain/decimal.ts';
import type { Dataset, DatasetRow } from '../../domain/datasets/dataset.ts';
import { compareText, dotName, dotOf, type EntityKey, entityKeyOf, entityName } from '../../domain/event.ts';
import { decodeState } from '../../domain/office/present.ts';
import type {
  CaseQuery,
  DigestRow,
  EventRow,
  FeedFilter,
  KeptEvent,
  LogRow,
  RowFilter,
  RowQuery,
  StoreReader,
  WaitingFilter,
  WaitingRow,
} from '../../mixins/store/store.ts';
import type { Tables } from './memory-tables.ts';

/** The questions of a StoreReader, answered at once. */
export type Reads = {
  [K in keyof StoreReader]: StoreReader[K] extends (...args: infer A) => Promise<infer T>
    ? (...args: A) => T
    : never;
} & {
  /** Of an author, for checkers. */
  eventsByIds(office: string, ids: readonly string[]): EventRow[];
};

type Limit = { readonly count: number; readonly bytes: number };

export function readsOf(tables: Tables): Reads {
  const { events } = tables;
  return {
    logRow: () => logRow(tables),
    offices: () => [...tables.offices.values()].sort((a, b) => compareText(a.office, b.office)),
    office: (office) => tables.offices.get(office) ?? null,
    eventsBySeq: (office, after, limit) => limited(events.ofOfficeAfter(office, after), limit),
    keptBySeq: (office, after, limit) => limited(events.ofOfficeAfter(office, after), limit).map(keptOf),
    eventsByPosition: (after, limit, only) => eventsByPosition(tables, after, limit, only),
    lastPosition: (only, upTo) => lastPosition(tables, only, upTo),
    eventAt: (position) => events.at(position) ?? null,
    eventsAt: (positions) => inOrder(positions.map((position) => events.at(position))),
    pointAt: (office, seq) => pointAt(tables, office, seq),
    eventsByDots: (dots) => inOrder(dots.map((dot) => events.byDot(dotName(dot)))),
    eventsByIds: (office, ids) => inOrder([...new Set(ids)].flatMap((id) => events.ofId(office, id))),
    ownKeyed: (names) => inOrder(names.flatMap((name) => events.ofIdPrefix(logRow(tables).office, name))),
    eventsOfEntity: (key) => events.ofEntity(key),
    eventsOfEntities: (keys) => inOrder(keys.flatMap((key) => events.ofEntity(key))),
    tipsOf: (office, limit) => tipsOf(tables, office, limit),
    newestOfLives: (office, limit) => events.newestOfLives(office).slice(0, limit),
    displaced: () => [...tables.displaced.values()].sort((a, b) => a.position - b.position),
    waitingOf: (keys) => {
      const names = new Set(keys.map(entityName));
      return waitingRows(tables).filter((row) => names.has(entityName(row)));
    },
    waiting: (after, limit, only = {}) =>
      waitingRows(tables)
        .filter((row) => row.position > after && isAsked(row, only))
        .slice(0, limit),
    countWaiting: (only) => waitingRows(tables).filter((row) => isAsked(row, only)).length,
    entity: (key) => entity(tables, key),
    rows: (dataset, query) => rows(tables, dataset, query),
    rowsById: (dataset, entityId) => allRows(tables, dataset).filter((row) => row.entityId === entityId),
    countRows: (dataset, filter) => filtered(tables, dataset, filter).length,
    sumRows: (dataset, field, filter) =>
      filtered(tables, dataset, filter).reduce(
        (sum, row) => addDecimals(sum, String(row.values[field] ?? 0)),
        '0',
      ),
    openCases: (keys) => openCases(tables, keys),
    casesById: (ids) => [...new Set(ids)].flatMap((id) => tables.caseNamed(id) ?? []),
    case: (id) => tables.caseNamed(id),
    cases: (query) => cases(tables, query).slice(0, query.limit),
    countCases: (query) => cases(tables, query).length,
    digestsOf: (scopes) => {
      const names = new Set(scopes.map(({ dataset, scope }) => `${dataset}\n${scope}`));
      return [...names].flatMap((name) => digestsIn(tables, name));
    },
    digests: (dataset, scope) => digestsIn(tables, `${dataset}\n${scope}`),
  };
}

function keptOf({ event, hash, bytes }: EventRow): KeptEvent {
  const byOwner = event.office === event.scope;
  return { ...dotOf(event), ...entityKeyOf(event), byOwner, size: bytes.length, hash, bytes };
}

function digestsIn(tables: Tables, name: string): DigestRow[] {
  return [...(tables.digests.get(name) ?? [])];
}

function isAsked(row: WaitingRow, { status, office }: WaitingFilter): boolean {
  return (status ?? row.status) === row.status && (office ?? row.office) === row.office;
}

function logRow(tables: Tables): LogRow {
  return tables.log.get('')!;
}

function inOrder(rows: readonly (EventRow | undefined)[]): EventRow[] {
  const found = new Set(rows.filter((row) => row !== undefined));
  return [...found].sort((a, b) => a.position - b.position);
}

function limited(rows: readonly EventRow[], { count, bytes }: Limit): EventRow[] {
  const taken: EventRow[] = [];
  let ahead = 0;
  for (const row of rows) {
    if (taken.length >= count || ahead >= Math.max(1, bytes)) break;
    taken.push(row);
    ahead += row.bytes.length;
  }
  return taken;
}

function matches({ event }: EventRow, { author, notAuthor, scopes }: FeedFilter): boolean {
  if (author !== undefined && event.office !== author) return false;
  if (notAuthor !== undefined && event.office === notAuthor) return false;
  return scopes === undefined || scopes.includes(event.scope);
}

function eventsByPosition(
  { events }: Tables,
  after: number,
  limit: Limit,
  only: FeedFilter = {},
): EventRow[] {
  const found: EventRow[] = [];
  for (const position of events.positionsAfter(after)) {
    if (found.length >= limit.count) break;
    const row = events.at(position)!;
    if (matches(row, only)) found.push(row);
  }
  return limited(found, limit);
}

function lastPosition({ events }: Tables, only: FeedFilter, upTo = Number.MAX_SAFE_INTEGER): number {
  const { author, scopes } = only;
  if (author !== undefined && scopes !== undefined)
    return Math.max(0, ...scopes.map((scope) => events.lastPositionIn(author, scope, upTo)));
  const positions = events.positions();
  for (let at = positions.length - 1; at >= 0; at--) {
    const position = positions[at]!;
    if (position <= upTo && matches(events.at(position)!, only)) return position;
  }
  return 0;
}

function pointAt({ events }: Tables, office: string, seq: number) {
  const newest = events.lastUpTo(office, seq);
  return newest?.event.seq === seq ? { epoch: newest.event.epoch, seq, hash: newest.hash } : null;
}

/** See `StoreReader.tipsOf`. Where a seq is not held, the next lower one stands in. */
function tipsOf({ events }: Tables, office: string, limit: number): EventRow[] {
  const newest = events.newestOf(office);
  if (newest === undefined) return [];
  const [first, last] = events.seqsOf(office);
  const seqs: number[] = [];
  for (let back = 1; last - back > first; back *= 2) seqs.push(last - back);
  const wanted = [...seqs.slice(0, Math.max(0, limit - 2)), first];
  const samples = new Set(wanted.map((seq) => events.lastUpTo(office, seq)!));
  samples.delete(newest);
  const older = [...samples].sort((a, b) => b.event.seq - a.event.seq || b.position - a.position);
  return [newest, ...older].slice(0, limit);
}

function waitingRows(tables: Tables) {
  return [...tables.waiting.values()].sort((a, b) => a.position - b.position);
}

function entity(tables: Tables, key: EntityKey) {
  const record = tables.entities.get(entityName(key));
  return record === undefined ? null : decodeState(record.state);
}

function allRows(tables: Tables, dataset: Dataset): DatasetRow[] {
  const found = [...tables.entities.values()].filter((record) => record.dataset === dataset.name);
  return found
    .map(({ row }) => row!)
    .sort((a, b) => compareText(a.scope, b.scope) || compareText(a.entityId, b.entityId));
}

function filtered(tables: Tables, dataset: Dataset, filter: RowFilter): DatasetRow[] {
  return allRows(tables, dataset).filter((row) => passes(row, filter));
}

function passes(row: DatasetRow, { scope, deleted, conflicted, equals }: RowFilter): boolean {
  if (scope !== undefined && row.scope !== scope) return false;
  if (deleted === 'without' && row.deletedAt !== null) return false;
  if (deleted === 'only' && row.deletedAt === null) return false;
  if (conflicted !== undefined && row.conflicted !== conflicted) return false;
  return Object.entries(equals ?? {}).every(([field, value]) => (row.values[field] ?? null) === value);
}

function rows(tables: Tables, dataset: Dataset, query: RowQuery): DatasetRow[] {
  const { after, limit } = query;
  const isAfter = (row: DatasetRow) =>
    after === undefined ||
    (compareText(row.scope, after.scope) || compareText(row.entityId, after.entityId)) > 0;
  return filtered(tables, dataset, query).filter(isAfter).slice(0, limit);
}

function openCases(tables: Tables, keys: readonly EntityKey[]) {
  const ids = [...new Set(keys.map(entityName))].flatMap((name) => tables.openCases.get(name) ?? []);
  return ids.map((id) => tables.caseNamed(id)!).sort((a, b) => compareText(a.id, b.id));
}

function cases(tables: Tables, query: Omit<CaseQuery, 'limit'>) {
  const { status, scope, dataset, openedSince, openedBefore, atStake, after } = query;
  const ids = status === 'open' ? [...tables.openCases.values()].flat() : tables.cases.keys();
  return [...ids]
    .map((id) => tables.caseNamed(id)!)
    .filter((found) => status === undefined || found.status === status)
    .filter((found) => scope === undefined || found.scope === scope)
    .filter((found) => dataset === undefined || found.dataset === dataset)
    .filter((found) => openedSince === undefined || found.openedAt >= openedSince)
    .filter((found) => openedBefore === undefined || found.openedAt < openedBefore)
    .filter((found) => atStake === undefined || compareDecimals(found.atStake ?? '-1', atStake) >= 0)
    .filter((found) => after === undefined || compareText(found.id, after) > 0)
    .sort((a, b) => compareText(a.id, b.id));
}
