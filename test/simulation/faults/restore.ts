import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS, NEEDS_PROCESS } from './fault.ts';

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

/** The machine comes back with an older disk; it may be a while before it meets anybody, and it sells meanwhile. */
function restore(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.backups.length === 0) return false;
  if (!scene.restoreBackup(site, chance.pick(site.backups))) return false;
  if (chance.chance(0.6)) scene.breakPath(site, 'cut', chance.exponential(60_000));
  scene.restart(site, chance.exponential(5_000));
  return true;
}

/** What the head said before it was restored is still on its way to a branch that has not heard it. */
function restoreWithStaleAcks(scene: Scene, chance: Prng, site: Site): boolean {
  const backup = site.backups.at(-1);
  if (backup === undefined) return false;
  const { office } = chance.pick(scene.branches());
  const heldMs = chance.between(3_000, 20_000);
  scene.broker.holdAnswers(office, heldMs);
  scene.later(chance.between(0.1, 0.8) * heldMs, () => {
    if (scene.restoreBackup(site, backup)) scene.restart(site, chance.between(10, 1_000));
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
