import { sales } from '../../../domain/datasets/sales.ts';
import { type EntityKey, entityKeyOf, entityName } from '../../../domain/event.ts';
import type { MemoryDisk } from '../memory-store.ts';
import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS, NEEDS_PROCESS } from './fault.ts';

/** How long people look for what is missing after a restore. */
const WATCHED_MS = 30_000;
const CHANGED_ANEW = 5;
const MENDED_LOOK_MS = 50;
const MENDED_LOOKS = 2_400;

/** Older disks, and two of one. */
export const RESTORE_FAULTS: readonly Fault[] = [
  { name: 'branch-restored', meanMs: 9 * MINUTE_MS, hits: 'branch', strike: restore },
  { name: 'head-restored', meanMs: 10 * MINUTE_MS, hits: 'head', strike: restore },
  { name: 'head-restored-stale-acks', meanMs: 10 * MINUTE_MS, hits: 'head', strike: restoreWithStaleAcks },
  {
    name: 'head-restored-old-queue',
    meanMs: 10 * MINUTE_MS,
    hits: 'head',
    never: NEEDS_PROCESS,
    strike: restoreWithOldQueue,
  },
  {
    name: 'branch-cloned',
    meanMs: 12 * MINUTE_MS,
    hits: 'branch',
    never: { fenced: 'it is one of two already', claiming: 'it is one of two already' },
    strike: cloneBranch,
  },
];

/**
 * The machine comes back with an older disk; it may be a while before it meets anybody, and it sells meanwhile. Or
 * people correct at once what they can see, and ask again for what is not there, while it is still coming back.
 */
function restore(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.backups.length === 0) return false;
  const backup = chance.pick(site.backups);
  const forgotten = changedSince(site, backup);
  if (!scene.restoreBackup(site, backup)) return false;
  if (chance.chance(0.6)) scene.breakPath(site, 'cut', chance.exponential(60_000));
  const downMs = chance.exponential(5_000);
  scene.restart(site, downMs);
  const { operators, head } = scene;
  const soonAfter = (most: number, task: () => void): void => {
    for (let i = chance.int(1, most); i > 0; i--) scene.later(downMs + chance.exponential(4_000), task);
  };
  if (chance.chance(0.5)) soonAfter(12, () => operators.correct(site));
  // What waits for its causes waits for a moment only.
  for (let atMs = 0; atMs < WATCHED_MS; atMs += 250)
    scene.later(downMs + atMs, () => operators.changeWhatWaits(site));
  if (site.role === 'branch' && chance.chance(0.5)) soonAfter(4, () => operators.askForForgotten(site, head));
  if (chance.chance(0.25)) restoreAgain(scene, chance, site, { first: backup, forgotten });
  return true;
}

/** Sales that the backup has, and that the office has changed since it was made: the last few. */
function changedSince({ disk, office }: Site, backup: MemoryDisk): EntityKey[] {
  const { tail } = backup.reads.logRow();
  const changed = disk.tables.events
    .inOrder()
    .filter(({ event }) => event.office === office && event.seq > tail.seq)
    .map(({ event }) => entityKeyOf(event))
    .filter((key) => key.dataset === sales.name && backup.reads.entity(key) !== null);
  return [...new Map(changed.map((key) => [entityName(key), key])).values()].slice(-CHANGED_ANEW);
}

/**
 * Nobody trusts the machine yet: as soon as it is in step again it is backed up, restored once more from the backup that
 * it had before, sells, and gets the newer one in the end. So it loses what its repair had joined.
 */
function restoreAgain(
  scene: Scene,
  chance: Prng,
  site: Site,
  { first, forgotten }: { readonly first: MemoryDisk; readonly forgotten: readonly EntityKey[] },
): void {
  const { operators } = scene;
  const sellOn = (): void => {
    for (const sale of forgotten)
      scene.later(chance.exponential(1_000), () => operators.writeAnew(site, sale));
    for (let i = chance.int(2, 8); i > 0; i--)
      scene.later(chance.exponential(4_000), () => operators.correct(site));
  };
  sellOn();
  const again = (disk: MemoryDisk): boolean => {
    if (!scene.restoreBackup(site, disk)) return false;
    scene.restart(site, chance.between(10, 2_000));
    sellOn();
    return true;
  };
  untilMended(scene, site, () => {
    scene.breakPath(site, 'cut', chance.exponential(10_000));
    void site.backUp().then((second) => {
      sellOn();
      const isBack = site.role === 'head' || again(first);
      const restoreSecond = (): void => void again(second);
      if (!isBack) return;
      if (site.role === 'head') scene.later(chance.between(2_000, 40_000), restoreSecond);
      else untilMended(scene, site, restoreSecond);
    });
  });
}

/** When the office has had its epoch changed, by a repair or by a head's new life; not for ever. */
function untilMended(scene: Scene, site: Site, then: () => void): void {
  const { disk } = site;
  const { epoch } = disk.reads.logRow().tail;
  const look = (left: number): void =>
    scene.later(MENDED_LOOK_MS, () => {
      if (site.disk !== disk) return;
      if (site.isRunning && disk.reads.logRow().tail.epoch !== epoch) then();
      else if (left > 0) look(left - 1);
    });
  look(MENDED_LOOKS);
}

/**
 * What the head said before it was restored is still on its way to a branch that has not heard it: in the branch's
 * queues, before all that comes after; or it comes by another way, after the restored head was heard.
 */
function restoreWithStaleAcks(scene: Scene, chance: Prng, site: Site): boolean {
  let backup = site.backups.at(-1);
  if (backup === undefined) return false;
  const { office } = chance.pick(scene.branches());
  const heldMs = chance.between(3_000, 20_000);
  const restoredMs = chance.between(0.1, 0.8) * heldMs;
  if (chance.chance(0.4)) scene.broker.holdAnswers(office, heldMs);
  else scene.broker.divert(office, restoredMs, chance.between(500, 15_000));
  // Made just now, it lacks no more than what is on its way.
  if (chance.chance(0.5)) void site.backUp().then((disk) => (backup = disk));
  else if (chance.chance(0.8)) {
    // What the branch has asked for meanwhile comes by the feed once more, and behind it what the restored head has lost.
    scene.broker.trickleFeed(office, restoredMs + chance.between(2_000, 10_000), chance.between(200, 2_000));
    for (const share of [0.1, 0.3, 0.8, 0.9])
      scene.later(share * restoredMs, () => scene.operators.workOff(site, chance.int(1, 3)));
    scene.later(0.6 * restoredMs, () => void site.backUp().then((disk) => (backup = disk)));
  }
  scene.later(restoredMs, () => {
    if (scene.restoreBackup(site, backup!)) scene.restart(site, chance.between(10, 1_000));
  });
  return true;
}

/** What was sent to the head before it was restored is still in its queue, and the first that it reads. */
function restoreWithOldQueue(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.backups.length === 0 || !site.isRunning) return false;
  site.crash();
  const backup = chance.pick(site.backups);
  const awayMs = chance.between(2_000, 20_000);
  scene.restart(site, awayMs + 1_000);
  scene.later(awayMs, () => {
    if (scene.restoreBackup(site, backup)) scene.restart(site, 10);
  });
  return true;
}

function cloneBranch(scene: Scene, chance: Prng, site: Site): boolean {
  if (scene.isCloned(site.office)) return false;
  const isOld = site.backups.length > 0 && chance.chance(0.5);
  return scene.clone(site, isOld ? chance.pick(site.backups) : null);
}
