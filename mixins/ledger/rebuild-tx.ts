import type { ConflictCase } from '../../domain/conflict/case.ts';
import { type EntityKey, entityName } from '../../domain/event.ts';
import type { EntityChange } from '../../domain/office/fold.ts';
import type { Ports } from '../../domain/ports.ts';
import type { DigestChange } from '../../domain/projections/digest.ts';
import { type AcceptedEvent, type ApplyPlan, planApply } from '../../domain/sync/apply.ts';
import type { EventRow, LogRow, StoreTx } from '../store/store.ts';
import { partsOf } from './fold-view.ts';
import { discardedAmong } from './discards.ts';
import { type DatasetNamed, entityWrite, waitingRows, withDefinitions } from './write-plan.ts';

export interface FoldSetting {
  readonly ports: Ports;
  readonly datasetNamed: DatasetNamed;
}

export interface Rebuilt {
  readonly log: LogRow;
  readonly changes: readonly EntityChange[];
  readonly cases: readonly ConflictCase[];
}

/**
 * Folds entities from nothing and replaces what is stored of them. The log stays locked for as long as this takes,
 * so it asks for many entities at a time; not for all, whose histories need not fit into memory together.
 */
export async function rebuildEntities(
  tx: StoreTx,
  setting: FoldSetting,
  log: LogRow,
  keys: readonly EntityKey[],
  digests: DigestChange,
): Promise<Rebuilt> {
  const rebuilt = { log, changes: [] as EntityChange[], cases: [] as ConflictCase[] };
  for (const part of partsOf(keys)) {
    const { log: moved, changes, cases } = await rebuildPart(tx, setting, rebuilt.log, part, digests);
    rebuilt.log = moved;
    rebuilt.changes.push(...changes);
    rebuilt.cases.push(...cases);
  }
  return rebuilt;
}

async function rebuildPart(
  tx: StoreTx,
  setting: FoldSetting,
  log: LogRow,
  keys: readonly EntityKey[],
  digests: DigestChange,
): Promise<Rebuilt> {
  const stored = new Map((await tx.lockEntities(keys)).map((state) => [entityName(state), state]));
  const events = await tx.eventsOfEntities(keys);
  const discarded = await discardedAmong(
    tx,
    log.headOffice,
    events.map(({ event }) => event),
  );
  const plan = foldAnew(setting, log, events, discarded);
  const accepted = plan.accepted.map((event, index) => ({ ...event, position: events[index]!.position }));
  await replaceStatuses(tx, events, accepted);
  const waiting = await replaceWaiting(tx, log.waiting > 0 ? keys : [], accepted, setting.ports.nowMs());
  const changes = new Map(plan.changes.map((change) => [change.name, change]));
  for (const name of keys.map(entityName))
    digests.stateChanged(stored.get(name) ?? null, changes.get(name)?.after ?? null);
  const gone = keys.filter((key) => stored.has(entityName(key)) && !changes.has(entityName(key)));
  if (gone.length > 0) await tx.removeEntities(gone);
  const writes = plan.changes.map((change) => ({
    ...entityWrite(change, setting.datasetNamed),
    isNew: !stored.has(change.name),
  }));
  if (writes.length > 0) await tx.saveEntities(writes);
  await replaceCases(tx, keys, plan.cases);
  const at = plan.at > log.at ? plan.at : log.at;
  const before = (name: string) => stored.get(name) ?? null;
  return {
    log: withDefinitions({ ...log, at, waiting: log.waiting + waiting }, plan.changes),
    changes: plan.changes.map((change) => ({ ...change, before: before(change.name) })),
    cases: plan.cases,
  };
}

function foldAnew(
  { ports, datasetNamed }: FoldSetting,
  { at, headOffice }: LogRow,
  events: readonly EventRow[],
  discarded: ReadonlySet<string>,
): ApplyPlan {
  const nothing = { entities: new Map(), openCases: new Map(), history: () => [], waiting: new Map() };
  return planApply({ ...nothing, position: 0, at, headOffice, datasetNamed, discarded }, events, ports);
}

async function replaceStatuses(
  tx: StoreTx,
  before: readonly EventRow[],
  accepted: readonly AcceptedEvent[],
): Promise<void> {
  for (const status of ['applied', 'parked', 'quarantined', 'discarded'] as const) {
    const changed = accepted.filter(
      (event, index) => event.status === status && before[index]!.status !== status,
    );
    const positions = changed.map(({ position }) => position);
    if (positions.length > 0) await tx.setEventStatus(positions, status);
  }
}

/** `keys`: of entities on which events may wait. Returns by how much the number of waiting events changes. */
async function replaceWaiting(
  tx: StoreTx,
  keys: readonly EntityKey[],
  accepted: readonly AcceptedEvent[],
  nowMs: number,
): Promise<number> {
  const waited = (keys.length === 0 ? [] : await tx.waitingOf(keys)).map(({ position }) => position);
  if (waited.length > 0) await tx.removeWaiting(waited);
  const waiting = waitingRows(accepted, nowMs);
  if (waiting.length > 0) await tx.insertWaiting(waiting);
  return waiting.length - waited.length;
}

/** Cases of the new fold; an open one that it does not know any more ends with the fork that made it. */
async function replaceCases(
  tx: StoreTx,
  keys: readonly EntityKey[],
  cases: readonly ConflictCase[],
): Promise<void> {
  const known = new Set(cases.map(({ id }) => id));
  const gone = (await tx.openCases(keys)).filter(({ id }) => !known.has(id));
  const ended = gone.map((one) => ({ ...one, status: 'settled' as const, settledAt: one.openedAt }));
  if (ended.length + cases.length > 0) await tx.saveCases([...ended, ...cases]);
}
