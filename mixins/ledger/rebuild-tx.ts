import type { ConflictCase } from '../../domain/conflict/case.ts';
import { type EntityKey, entityName } from '../../domain/event.ts';
import type { DigestChange } from '../../domain/projections/digest.ts';
import { type AcceptedEvent, type ApplyPlan, planApply } from '../../domain/sync/apply.ts';
import type { EventRow, LogRow, StoreTx } from '../store/store.ts';
import type { ApplySetting } from './apply-tx.ts';
import { partsOf } from './fold-view.ts';
import { entityWrite, waitingRows } from './write-plan.ts';

/**
 * Folds entities from nothing and replaces what is stored of them. The log stays locked for as long as this takes,
 * so it asks for many entities at a time; not for all, whose histories need not fit into memory together.
 */
export async function rebuildEntities(
  tx: StoreTx,
  setting: ApplySetting,
  log: LogRow,
  keys: readonly EntityKey[],
  digests: DigestChange,
): Promise<LogRow> {
  let rebuilt = log;
  for (const part of partsOf(keys)) rebuilt = await rebuildPart(tx, setting, rebuilt, part, digests);
  return rebuilt;
}

async function rebuildPart(
  tx: StoreTx,
  setting: ApplySetting,
  log: LogRow,
  keys: readonly EntityKey[],
  digests: DigestChange,
): Promise<LogRow> {
  const stored = new Map((await tx.lockEntities(keys)).map((state) => [entityName(state), state]));
  const events = await tx.eventsOfEntities(keys);
  const plan = foldAnew(setting, log, events);
  const accepted = plan.accepted.map((event, index) => ({ ...event, position: events[index]!.position }));
  await replaceStatuses(tx, events, accepted);
  const waiting = await replaceWaiting(tx, keys, accepted, setting.ports.nowMs());
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
  return { ...log, at: plan.at > log.at ? plan.at : log.at, waiting: log.waiting + waiting };
}

function foldAnew(
  { ports, datasetNamed }: ApplySetting,
  { at, headOffice }: LogRow,
  events: readonly EventRow[],
): ApplyPlan {
  const nothing = { entities: new Map(), openCases: new Map(), history: () => [], waiting: new Map() };
  return planApply({ ...nothing, position: 0, at, headOffice, datasetNamed }, events, ports);
}

async function replaceStatuses(
  tx: StoreTx,
  before: readonly EventRow[],
  accepted: readonly AcceptedEvent[],
): Promise<void> {
  for (const status of ['applied', 'parked', 'quarantined'] as const) {
    const changed = accepted.filter(
      (event, index) => event.status === status && before[index]!.status !== status,
    );
    const positions = changed.map(({ position }) => position);
    if (positions.length > 0) await tx.setEventStatus(positions, status);
  }
}

/** Returns by how much the number of waiting events changes. */
async function replaceWaiting(
  tx: StoreTx,
  keys: readonly EntityKey[],
  accepted: readonly AcceptedEvent[],
  nowMs: number,
): Promise<number> {
  const waited = (await tx.waitingOf(keys)).map(({ position }) => position);
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
