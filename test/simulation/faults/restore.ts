import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS, NEEDS_PROCESS } from './fault.ts';

/** How long people look for what is missing after a restore. */
const WATCHED_MS = 30_000;

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
    never: { fenced: 'it is one of two already' },
    strike: cloneBranch,
  },
];

/**
 * The machine comes back with an older disk; it may be a while before it meets anybody, and it sells meanwhile. Or
 * people correct at once what they can see, and ask again for what is not there, while it is still coming back.
 */
function restore(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.backups.length === 0) return false;
  if (!scene.restoreBackup(site, chance.pick(site.backups))) return false;
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
  return true;
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
