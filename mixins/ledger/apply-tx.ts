import type { LoggedEvent } from '../../domain/event.ts';
import { entityKeyOf } from '../../domain/event.ts';
import { caseOverruledBy } from '../../domain/conflict/cases.ts';
import { type ApplyPlan, planApply } from '../../domain/sync/apply.ts';
import { passed } from '../moments.ts';
import type { LogRow, StoreTx } from '../store/store.ts';
import { discardedAmong, loadSetAside } from './discards.ts';
import { casesNamed, distinctKeys, loadEntities, loadWaiting, withHistory } from './fold-view.ts';
import { setAsideDiscarded } from './judge-again-tx.ts';
import type { FoldSetting } from './rebuild-tx.ts';
import { acceptedRow, digestsFor, waitingRows, withDefinitions, writeFold } from './write-plan.ts';

export interface ApplySetting extends FoldSetting {
  /** Told after the commit; without a plan when the log was mended. */
  readonly onApplied: (log: LogRow, plan: ApplyPlan | null) => void;
  /** Told when events come again that were applied before, with the open cases of their entities. */
  readonly onKnown: (log: LogRow, openCases: readonly string[]) => void;
}

export interface Applied {
  /** The log's row as it is to be saved; the caller adds its cursor. */
  readonly log: LogRow;
  readonly plan: ApplyPlan;
}

/**
 * Takes chained events over into this database: events, tables, cases, digests. The caller has locked the log's row,
 * has made sure that none of the events is held already, and saves the row with its cursor in the same transaction.
 */
export async function applyEvents(
  tx: StoreTx,
  { ports, datasetNamed }: ApplySetting,
  log: LogRow,
  events: readonly LoggedEvent[],
): Promise<Applied> {
  const incoming = events.map(({ event }) => event);
  const keys = distinctKeys(incoming.map(entityKeyOf));
  const { position, at, headOffice } = log;
  const [digests, waiting, loaded, discarded] = await Promise.all([
    digestsFor(tx, keys),
    log.waiting > 0 ? loadWaiting(tx, keys) : new Map(),
    loadEntities(tx, keys),
    discardedAmong(tx, headOffice, incoming),
  ]);
  const concerned = [...incoming, ...[...waiting.values()].flat().map(({ event }) => event)];
  const view = { ...(await withHistory(tx, loaded, concerned)), datasetNamed };
  const setAside = await loadSetAside(tx, view, concerned);
  const settled = await casesNamed(
    tx,
    concerned.map(caseOverruledBy).filter((id) => id !== null),
  );
  const plan = planApply(
    { ...view, position, at, headOffice, waiting, discarded, setAside, settled },
    events,
    ports,
  );
  const added = waitingRows(plan.accepted, ports.nowMs());
  await Promise.all([
    tx.insertEvents(plan.accepted.map(acceptedRow)),
    added.length > 0 ? tx.insertWaiting(added) : null,
    plan.released.length > 0 ? release(tx, plan.released) : null,
    writeFold(tx, plan, datasetNamed, digests),
  ]);
  if (plan.accepted.length > 0) passed('apply-written');
  const stillWaiting = log.waiting + added.length - plan.released.length;
  const end = { position: plan.position, at: plan.at, waiting: stillWaiting };
  const applied = withDefinitions({ ...log, ...end }, plan.changes);
  const rebuilt = await setAsideDiscarded(tx, { ports, datasetNamed }, applied, plan.changes);
  return { plan: { ...plan, cases: [...plan.cases, ...rebuilt.cases] }, log: rebuilt.log };
}

async function release(tx: StoreTx, positions: readonly number[]): Promise<void> {
  await Promise.all([tx.setEventStatus(positions, 'applied'), tx.removeWaiting(positions)]);
}

export function openCaseIds(plan: ApplyPlan): string[] {
  return plan.cases.filter(({ status }) => status === 'open').map(({ id }) => id);
}
