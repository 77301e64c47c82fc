import { type ChainPoint, sameBytes, START_OF_CHAIN } from '../../domain/chain.ts';
import { lifeOf } from '../../domain/clock.ts';
import { DomainError } from '../../domain/errors.ts';
import {
  type DomainEvent,
  type EntityKey,
  entityKeyOf,
  entityName,
  type LoggedEvent,
} from '../../domain/event.ts';
import { DigestChange } from '../../domain/projections/digest.ts';
import { chainEvents } from '../../domain/sync/batch.ts';
import type { Fork } from '../../domain/sync/fork.ts';
import { recountedEntities } from '../../domain/sync/recount.ts';
import { matchLogs, reappend } from '../../domain/sync/repair.ts';
import { passed } from '../moments.ts';
import { type LogRow, NO_LIMIT, type StoreTx } from '../store/store.ts';
import type { ApplySetting } from './apply-tx.ts';
import { applyEvents } from './apply-tx.ts';
import { distinctKeys, partsOf } from './fold-view.ts';
import { rebuildEntities } from './rebuild-tx.ts';
import { appliedRow, writeFold } from './write-plan.ts';

export interface Refork {
  readonly common: ChainPoint;
  /** What the head holds after it, chained. */
  readonly tail: readonly LoggedEvent[];
  readonly end: ChainPoint;
  readonly epoch: number;
}

/**
 * Mends this office's log after a proven fork, in one transaction: the own events after the common place leave the
 * log (kept, marked displaced), the accepted ones take their place, and the displaced ones are written again after
 * them in the granted epoch. Entities that any of them touches are folded anew from their events.
 */
export async function refork(tx: StoreTx, setting: ApplySetting, repair: Refork): Promise<LogRow> {
  const log = await tx.lockLog();
  const diverging = await tx.eventsBySeq(log.office, repair.common.seq, NO_LIMIT);
  await assertShared(tx, log.office, repair.common);
  if (log.tail.epoch >= repair.epoch) throw logMoved(); // repaired already
  const fork = await describeFork(tx, setting, diverging, repair);
  const appended = reappend(fork, setting.ports);
  await tx.displaceAfter(log.office, repair.common.seq);
  passed('log-displaced');
  const placed = [...repair.tail, ...appended].map((logged, index) => ({
    ...logged,
    position: log.position + index + 1,
  }));
  await tx.insertEvents(placed.map(appliedRow));
  const digests = new DigestChange(setting.ports, log.headOffice);
  diverging.forEach((event) => digests.eventDisplaced(event));
  placed.forEach((event) => digests.eventHeld(event));
  const removed = diverging.filter((row) => row.status === 'parked' || row.status === 'quarantined').length;
  const last = placed.at(-1);
  const tail =
    last === undefined ? repair.end : { epoch: last.event.epoch, seq: last.event.seq, hash: last.hash };
  const moved = { ...log, tail, position: log.position + placed.length, waiting: log.waiting - removed };
  const { log: rebuilt } = await rebuildEntities(tx, setting, moved, touchedKeys(diverging, placed), digests);
  await writeFold(tx, { changes: [], cases: [], digests: digests.deltas() }, setting.datasetNamed);
  await tx.saveLog(rebuilt);
  return rebuilt;
}

function touchedKeys(...lists: readonly (readonly LoggedEvent[])[]): EntityKey[] {
  return distinctKeys(lists.flat().map(({ event }) => entityKeyOf(event)));
}

async function describeFork(
  tx: StoreTx,
  { datasetNamed }: ApplySetting,
  diverging: readonly LoggedEvent[],
  repair: Refork,
): Promise<Fork> {
  const { common, tail, end, epoch } = repair;
  const shared = new Map<string, number>();
  const recounted = new Map<string, DomainEvent[]>(
    recountedEntities(tail, diverging, datasetNamed).map((key) => [entityName(key), []]),
  );
  for (const keys of partsOf(touchedKeys(diverging))) {
    for (const { event, status } of await tx.eventsOfEntities(keys)) {
      const isOfLives = event.office === diverging[0]!.event.office && event.seq > common.seq;
      if (isOfLives) continue;
      const name = `${entityName(event)}\n${lifeOf(event)}`;
      shared.set(name, Math.max(shared.get(name) ?? 0, event.seq));
      if (status === 'applied') recounted.get(entityName(event))?.push(event);
    }
  }
  const lastSharedSeq = (entity: string, life: string) => shared.get(`${entity}\n${life}`) ?? 0;
  return { commonSeq: common.seq, tail, diverging, end, epoch, lastSharedSeq, recounted, datasetNamed };
}

export interface Adoption {
  readonly common: ChainPoint;
  readonly events: readonly Uint8Array[];
  readonly epoch: number;
}

/** Writes again, in the granted epoch, what a fenced copy of this office wrote; what is here already is left out. */
export async function adoptTail(tx: StoreTx, setting: ApplySetting, adoption: Adoption): Promise<LogRow> {
  const log = await tx.lockLog();
  await assertShared(tx, log.office, adoption.common);
  const theirs = chainEvents(setting.ports, log.office, adoption.common, adoption.events);
  const own = await tx.eventsBySeq(log.office, adoption.common.seq, NO_LIMIT);
  const { common, rest } = matchLogs(adoption.common, theirs, own);
  const isStale = adoption.epoch <= log.tail.epoch; // an earlier one, delivered late
  const epoch = isStale ? log.tail.epoch + 1 : adoption.epoch;
  const fork = await describeFork(tx, setting, rest, { common, epoch, tail: own, end: log.tail });
  const appended = reappend(fork, setting.ports);
  const last = appended.at(-1);
  if (last === undefined) return log; // its answer was lost, and it comes again
  if (isStale) throw logMoved();
  const applied = await applyEvents(tx, setting, log, appended);
  const tail = { epoch: last.event.epoch, seq: last.event.seq, hash: last.hash };
  const saved = { ...applied.log, tail };
  await tx.saveLog(saved);
  return saved;
}

/** The own log passes through this place; every log begins at the same one. */
async function assertShared(tx: StoreTx, office: string, common: ChainPoint): Promise<void> {
  const point = common.seq === 0 ? START_OF_CHAIN : await tx.pointAt(office, common.seq);
  if (point === null || !sameBytes(point.hash, common.hash)) throw logMoved();
}

/** The log is not what it was when this repair was planned: greet again and see. */
function logMoved(): DomainError {
  return new DomainError('log-moved', 'The own log has changed under a repair', {});
}
