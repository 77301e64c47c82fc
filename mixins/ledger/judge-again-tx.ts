import type { ConflictCase } from '../../domain/conflict/case.ts';
import { type Dot, type EntityKey, entityKeyOf } from '../../domain/event.ts';
import { newlyDiscarded } from '../../domain/office/discard.ts';
import type { EntityChange } from '../../domain/office/fold.ts';
import { DigestChange } from '../../domain/projections/digest.ts';
import type { LogRow, StoreTx } from '../store/store.ts';
import { distinctKeys } from './fold-view.ts';
import { type FoldSetting, rebuildEntities } from './rebuild-tx.ts';
import { writeFold } from './write-plan.ts';

export interface Judged {
  readonly log: LogRow;
  readonly cases: readonly ConflictCase[];
}

/** Events that have just been discarded: whatever they were here, their entities are folded without them. */
export async function setAsideDiscarded(
  tx: StoreTx,
  setting: FoldSetting,
  log: LogRow,
  changes: readonly EntityChange[],
): Promise<Judged> {
  const keys = await entitiesOf(tx, newlyDiscarded(changes));
  return keys.length === 0 ? { log, cases: [] } : judgeAgain(tx, setting, log, keys);
}

async function entitiesOf(tx: StoreTx, dots: readonly Dot[]): Promise<EntityKey[]> {
  if (dots.length === 0) return [];
  const held = (await tx.eventsByDots(dots)).filter(({ status }) => status !== 'discarded');
  return distinctKeys(held.map(({ event }) => entityKeyOf(event)));
}

/** Folds entities anew from all that is held of them: every event of theirs is judged again. */
export async function judgeAgain(
  tx: StoreTx,
  setting: FoldSetting,
  log: LogRow,
  keys: readonly EntityKey[],
): Promise<Judged> {
  const digests = new DigestChange(setting.ports, log.headOffice);
  const rebuilt = await rebuildEntities(tx, setting, log, keys, digests);
  await writeFold(tx, { changes: [], cases: [], digests: digests.deltas() }, setting.datasetNamed);
  const further = await setAsideDiscarded(tx, setting, rebuilt.log, rebuilt.changes);
  return { log: further.log, cases: [...rebuilt.cases, ...further.cases] };
}
