import type { Dataset } from '../../domain/datasets/dataset.ts';
import { DomainError } from '../../domain/errors.ts';
import * as rowsOf from './datasets/dataset-rows.ts';
import type { DatasetTable } from './datasets/dataset-table.ts';
import type { OrdinaryReads } from './orm/ordinary-reads.ts';
import { casesById, openCases } from './rows/case-rows.ts';
import { digests, digestsOf } from './rows/digest-rows.ts';
import { type DatasetTables, entity } from './rows/entity-rows.ts';
import * as reading from './rows/event-reading.ts';
import * as events from './rows/event-rows.ts';
import { readLog } from './rows/log-rows.ts';
import { waitingOf } from './rows/waiting-rows.ts';
import type { Sql } from './sql.ts';
import type { StoreReader } from './store.ts';

/** Puts the queries together: on any connection, or on that of a transaction. */
export function storeReader(sql: Sql, ordinary: OrdinaryReads, tables: DatasetTables): StoreReader {
  const tableOf = (dataset: Dataset): DatasetTable => {
    const known = tables.get(dataset.name);
    if (known) return known;
    throw new DomainError('unknown-dataset', `There is no dataset "${dataset.name}" here`, {
      dataset: dataset.name,
    });
  };
  return {
    logRow: () => readLog(sql),
    offices: () => ordinary.offices(),
    office: (office) => ordinary.office(office),
    eventsBySeq: (office, after, limit) => reading.eventsBySeq(sql, office, after, limit),
    keptBySeq: (office, after, limit) => reading.keptBySeq(sql, office, after, limit),
    eventsByPosition: (after, limit, only) => reading.eventsByPosition(sql, after, limit, only),
    lastPosition: (only, upTo) => reading.lastPosition(sql, only, upTo),
    eventAt: (position) => events.eventAt(sql, position),
    eventsAt: (positions) => events.eventsAt(sql, positions),
    pointAt: (office, seq) => events.pointAt(sql, office, seq),
    eventsByDots: (dots) => events.eventsByDots(sql, dots),
    ownKeyed: (names) => events.ownKeyed(sql, names),
    eventsOfEntity: (key) => events.eventsOfEntity(sql, key),
    eventsOfEntities: (keys) => events.eventsOfEntities(sql, keys),
    tipsOf: (office, limit) => reading.tipsOf(sql, office, limit),
    newestOfLives: (office, limit) => reading.newestOfLives(sql, office, limit),
    displaced: () => events.displaced(sql),
    waitingOf: (keys) => waitingOf(sql, keys),
    waiting: (after, limit, only) => ordinary.waiting(after, limit, only),
    countWaiting: (only) => ordinary.countWaiting(only),
    entity: (key) => entity(sql, tables, key),
    rows: async (dataset, query) => rowsOf.rows(sql, tableOf(dataset), query),
    rowsById: async (dataset, entityId) => rowsOf.rowsById(sql, tableOf(dataset), entityId),
    countRows: async (dataset, filter) => rowsOf.countRows(sql, tableOf(dataset), filter),
    sumRows: async (dataset, field, filter) => rowsOf.sumRows(sql, tableOf(dataset), field, filter),
    openCases: (keys) => openCases(sql, keys),
    casesById: (ids) => casesById(sql, ids),
    case: (id) => ordinary.case(id),
    cases: (query) => ordinary.cases(query),
    countCases: (query) => ordinary.countCases(query),
    digests: (dataset, scope) => digests(sql, dataset, scope),
    digestsOf: (scopes) => digestsOf(sql, scopes),
  };
}
