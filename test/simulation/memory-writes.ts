import { compareText, type EntityKey, entityName } from '../../domain/event.ts';
import { encodeState } from '../../domain/office/present.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import type {
  DigestRow,
  EntityWrite,
  EventRow,
  EventStatus,
  StoreReader,
  StoreTx,
} from '../../mixins/store/store.ts';
import { type Reads, readsOf } from './memory-reads.ts';
import type { Tables } from './memory-tables.ts';

/** What a StoreTx can do beyond reading, done at once. */
export type Writes = {
  [K in Exclude<keyof StoreTx, keyof StoreReader>]: StoreTx[K] extends (...args: infer A) => Promise<infer T>
    ? (...args: A) => T
    : never;
};

/** What one transaction has put into the log and taken out of it. */
export interface Changes {
  readonly inserted: EventRow[];
  readonly displaced: EventRow[];
}

/** `changes` gives where to note what the transaction under way changes. */
export function writesOf(tables: Tables, changes: () => Changes): Reads & Writes {
  const reads = readsOf(tables);
  return {
    ...reads,
    lockLog: reads.logRow,
    saveLog: (row) => tables.log.set('', row),
    lockOffices: (offices) => reads.offices().filter(({ office }) => offices.includes(office)),
    saveOffices: (rows) => rows.forEach((row) => tables.offices.set(row.office, row)),
    insertEvents: (rows) => rows.forEach((row) => insertEvent(tables, changes(), row)),
    setEventStatus: (positions, status) => positions.forEach((at) => setStatus(tables, at, status)),
    displaceAfter: (office, seq) => displaceAfter(tables, changes(), office, seq),
    lockEntities: (keys) =>
      [...new Map(keys.map((key) => [entityName(key), key])).values()]
        .sort(inKeyOrder)
        .map((key) => reads.entity(key))
        .filter((state) => state !== null),
    saveEntities: (writes) => writes.forEach((write) => saveEntity(tables, write)),
    removeEntities: (keys) => keys.forEach((key) => tables.entities.delete(entityName(key))),
    insertWaiting: (rows) => rows.forEach((row) => tables.waiting.insert(row.position, row)),
    removeWaiting: (positions) => positions.forEach((position) => tables.waiting.delete(position)),
    saveCases: (cases) => cases.forEach((conflict) => saveCase(tables, conflict)),
    saveDigests: (rows) => rows.forEach((row) => saveDigest(tables, row)),
  };
}

function inKeyOrder(a: EntityKey, b: EntityKey): number {
  return (
    compareText(a.dataset, b.dataset) || compareText(a.scope, b.scope) || compareText(a.entityId, b.entityId)
  );
}

/** Of a row only what the table has columns for: a database hands back no more. */
function insertEvent(tables: Tables, changes: Changes, { position, status, ...logged }: EventRow): void {
  const { event, bytes, hash } = tables.pool.kept(logged);
  const row = Object.freeze({ event, bytes, hash, position, status });
  tables.events.insert(row);
  changes.inserted.push(row);
}

function setStatus({ events }: Tables, position: number, status: EventStatus): void {
  const row = events.at(position);
  if (row !== undefined) events.replace(Object.freeze({ ...row, status }));
}

function displaceAfter(tables: Tables, changes: Changes, office: string, seq: number): void {
  for (const row of tables.events.ofOfficeAfter(office, seq)) {
    tables.events.remove(row);
    tables.waiting.delete(row.position);
    tables.displaced.insert(row.position, row);
    changes.displaced.push(row);
  }
}

function saveEntity(tables: Tables, { state, row, isNew }: EntityWrite): void {
  const { dataset, scope, entityId } = state;
  const record = { dataset, scope, entityId, state: encodeState(state), row };
  if (isNew) tables.entities.insert(entityName(state), record);
  else tables.entities.set(entityName(state), record);
}

function saveDigest({ digests }: Tables, row: DigestRow): void {
  const name = `${row.dataset}\n${row.scope}`;
  const rows = [...(digests.get(name) ?? [])];
  const at = rows.findIndex(({ bucket }) => bucket >= row.bucket);
  if (at < 0) rows.push(row);
  else rows.splice(at, rows[at]!.bucket === row.bucket ? 1 : 0, row);
  digests.set(name, rows);
}

function saveCase(tables: Tables, conflict: ConflictCase): void {
  tables.cases.set(conflict.id, JSON.stringify(conflict));
  const name = entityName(conflict);
  const others = (tables.openCases.get(name) ?? []).filter((id) => id !== conflict.id);
  const open = conflict.status === 'open' ? [...others, conflict.id] : others;
  if (open.length > 0) tables.openCases.set(name, open);
  else tables.openCases.delete(name);
}
