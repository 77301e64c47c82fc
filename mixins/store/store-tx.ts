import type { OfficeId } from '../../domain/event.ts';
import type { OrdinaryReads } from './orm/ordinary-reads.ts';
import { saveCases } from './rows/case-rows.ts';
import { saveDigests } from './rows/digest-rows.ts';
import { type DatasetTables, lockEntities, removeEntities, saveEntities } from './rows/entity-rows.ts';
import { displaceAfter, insertEvents, setEventStatus } from './rows/event-rows.ts';
import { LateNotes } from './rows/late-rows.ts';
import { lockLog, saveLog } from './rows/log-rows.ts';
import { saveOffices } from './rows/office-rows.ts';
import { insertWaiting, removeWaiting } from './rows/waiting-rows.ts';
import type { Sql } from './sql.ts';
import type { EventRow, StoreTx } from './store.ts';
import { storeReader } from './store-reader.ts';

/** All of one transaction, and what has to be written before it is committed. */
export interface OpenTx {
  readonly tx: StoreTx;
  finish(): Promise<void>;
}

/** On its one connection. `assertRoom` is asked before events are added. */
export function storeTx(
  sql: Sql,
  ordinary: OrdinaryReads,
  { owner, tables }: { readonly owner: OfficeId; readonly tables: DatasetTables },
  assertRoom: (rows: readonly EventRow[]) => void,
): OpenTx {
  const late = new LateNotes(sql);
  const tx: StoreTx = {
    ...storeReader(sql, ordinary, tables),
    lockLog: () => lockLog(sql),
    saveLog: (row) => saveLog(sql, row),
    lockOffices: (offices) => ordinary.lockOffices(offices),
    saveOffices: (rows) => saveOffices(sql, rows),
    insertEvents: async (rows) => {
      assertRoom(rows);
      await insertEvents(sql, owner, rows);
    },
    setEventStatus: async (positions, status) => {
      await late.noteStatus(positions, status);
      await setEventStatus(sql, positions, status);
    },
    displaceAfter: async (office, seq) => {
      await late.noteDisplaced(office, seq);
      await displaceAfter(sql, office, seq);
    },
    lockEntities: (keys) => lockEntities(sql, tables, keys),
    saveEntities: (writes) => saveEntities(sql, tables, writes),
    removeEntities: (keys) => removeEntities(sql, tables, keys),
    insertWaiting: (rows) => insertWaiting(sql, rows),
    removeWaiting: (positions) => removeWaiting(sql, positions),
    saveCases: (cases) => saveCases(sql, cases),
    saveDigests: (rows) => saveDigests(sql, rows),
  };
  return { tx, finish: () => late.write() };
}
