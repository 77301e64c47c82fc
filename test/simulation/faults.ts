import { feedName, UP } from './sim-broker.ts';
import type { Prng } from './prng.ts';
import type { Scene } from './scene.ts';
import type { Site } from './site.ts';

/** Something that goes wrong. Gives false when there was nothing to break. */
export interface Fault {
  readonly name: string;
  /** Between two of them, on the average, in a seed that has it at its usual rate. */
  readonly meanMs: number;
  readonly strike: (scene: Scene, chance: Prng) => boolean;
}

const MINUTE_MS = 60_000;

export const FAULTS: readonly Fault[] = [
  {
    name: 'branch-crash',
    meanMs: 4 * MINUTE_MS,
    strike: (scene, chance) => crash(scene, chance, scene.branches()),
  },
  {
    name: 'head-crash',
    meanMs: 5 * MINUTE_MS,
    strike: (scene, chance) => crash(scene, chance, [scene.head]),
  },
  { name: 'link-cut', meanMs: 3 * MINUTE_MS, strike: cutLink },
  { name: 'link-silent', meanMs: 5 * MINUTE_MS, strike: silenceLink },
  { name: 'link-flap', meanMs: 6 * MINUTE_MS, strike: flapLink },
  {
    name: 'broker-restart',
    meanMs: 6 * MINUTE_MS,
    strike: (scene, chance) => restartBroker(scene, chance, false),
  },
  {
    name: 'broker-wipe',
    meanMs: 8 * MINUTE_MS,
    strike: (scene, chance) => restartBroker(scene, chance, true),
  },
  { name: 'messages-lost', meanMs: 5 * MINUTE_MS, strike: loseMessages },
  { name: 'messages-doubled', meanMs: 5 * MINUTE_MS, strike: doubleMessages },
  { name: 'messages-late', meanMs: 5 * MINUTE_MS, strike: delayMessages },
  { name: 'queue-overflow', meanMs: 3 * MINUTE_MS, strike: overflow },
  { name: 'queue-deleted', meanMs: 8 * MINUTE_MS, strike: deleteQueue },
  {
    name: 'branch-restored',
    meanMs: 9 * MINUTE_MS,
    strike: (scene, chance) => restore(scene, chance, scene.branches()),
  },
  {
    name: 'head-restored',
    meanMs: 10 * MINUTE_MS,
    strike: (scene, chance) => restore(scene, chance, [scene.head]),
  },
  { name: 'branch-cloned', meanMs: 12 * MINUTE_MS, strike: cloneBranch },
  { name: 'clock-jump', meanMs: 5 * MINUTE_MS, strike: jumpClock },
  { name: 'database-away', meanMs: 4 * MINUTE_MS, strike: databaseAway },
  { name: 'database-moody', meanMs: 5 * MINUTE_MS, strike: databaseMoody },
  { name: 'paused', meanMs: 5 * MINUTE_MS, strike: pause },
  { name: 'sync-now', meanMs: 3 * MINUTE_MS, strike: syncNow },
  { name: 'office-added', meanMs: 12 * MINUTE_MS, strike: (scene) => scene.addOffice() },
  { name: 'orderly-restart', meanMs: 8 * MINUTE_MS, strike: orderlyRestart },
];

function pickOf<T>(chance: Prng, all: readonly T[]): T | null {
  return all.length === 0 ? null : chance.pick(all);
}

function crash(scene: Scene, chance: Prng, sites: readonly Site[]): boolean {
  const site = pickOf(
    chance,
    sites.filter(({ isRunning }) => isRunning),
  );
  if (site === null) return false;
  site.crash();
  scene.restart(site, chance.chance(0.5) ? chance.between(10, 2_000) : chance.exponential(30_000));
  return true;
}

async function stopOrderly(scene: Scene, site: Site, pauseMs: number): Promise<void> {
  const life = site.life;
  await (site.branch ?? site.head)?.stop();
  if (site.life !== life) return;
  site.crash();
  scene.restart(site, pauseMs);
}

function orderlyRestart(scene: Scene, chance: Prng): boolean {
  const site = pickOf(
    chance,
    scene.sites().filter((one) => one.status() !== null),
  );
  if (site === null) return false;
  const pauseMs = chance.exponential(20_000);
  stopOrderly(scene, site, pauseMs).catch(() => {
    site.crash();
    scene.restart(site, pauseMs);
  });
  return true;
}

function cutLink(scene: Scene, chance: Prng): boolean {
  const site = chance.pick(scene.sites());
  return scene.breakPath(
    site,
    'isCut',
    chance.chance(0.3) ? chance.exponential(4 * MINUTE_MS) : chance.exponential(20_000),
  );
}

function silenceLink(scene: Scene, chance: Prng): boolean {
  return scene.breakPath(chance.pick(scene.sites()), 'isSilent', chance.exponential(25_000));
}

function flapLink(scene: Scene, chance: Prng): boolean {
  const site = chance.pick(scene.sites());
  for (let i = 0; i < 6; i++)
    scene.later(i * 5_000, () => scene.breakPath(site, 'isCut', chance.between(500, 3_000)));
  return true;
}

function restartBroker(scene: Scene, chance: Prng, isWiped: boolean): boolean {
  if (!scene.broker.isUp) return false;
  scene.broker.restart(chance.exponential(10_000), isWiped);
  return true;
}

function loseMessages(scene: Scene, chance: Prng): boolean {
  scene.broker.weather.confirmedThenLost = chance.between(0.01, 0.3);
  scene.later(chance.exponential(30_000), () => (scene.broker.weather.confirmedThenLost = 0));
  return true;
}

function doubleMessages(scene: Scene, chance: Prng): boolean {
  scene.broker.weather.doubled = chance.between(0.01, 0.3);
  scene.later(chance.exponential(30_000), () => (scene.broker.weather.doubled = 0));
  return true;
}

/** As through two connections: what was sent first comes last, perhaps into another session. */
function delayMessages(scene: Scene, chance: Prng): boolean {
  scene.broker.weather.late = chance.between(0.01, 0.3);
  scene.later(chance.exponential(30_000), () => (scene.broker.weather.late = 0));
  return true;
}

function overflow(scene: Scene, chance: Prng): boolean {
  return scene.broker.overflow(feedName(chance.pick(scene.branches()).office)) > 0;
}

function deleteQueue(scene: Scene, chance: Prng): boolean {
  return scene.broker.deleteQueue(chance.chance(0.2) ? UP : feedName(chance.pick(scene.branches()).office));
}

/** The machine comes back with an older disk; it may be a while before it meets anybody, and it sells meanwhile. */
function restore(scene: Scene, chance: Prng, sites: readonly Site[]): boolean {
  const site = pickOf(
    chance,
    sites.filter(({ backups }) => backups.length > 0),
  );
  if (site === null) return false;
  const backup = chance.pick(site.backups);
  if (!scene.restoreBackup(site, backup)) return false;
  if (chance.chance(0.6)) scene.breakPath(site, 'isCut', chance.exponential(60_000));
  scene.restart(site, chance.exponential(5_000));
  return true;
}

function cloneBranch(scene: Scene, chance: Prng): boolean {
  const site = pickOf(
    chance,
    scene.branches().filter((one) => !scene.isCloned(one.office)),
  );
  if (site === null) return false;
  const isOld = site.backups.length > 0 && chance.chance(0.5);
  return scene.clone(site, isOld ? chance.pick(site.backups) : null);
}

function jumpClock(scene: Scene, chance: Prng): boolean {
  const { clock, name } = chance.pick(scene.sites());
  const longest = chance.chance(0.2) ? 60 * MINUTE_MS : 90_000;
  clock.skewMs = chance.chance(0.3) ? 0 : chance.between(-longest, longest);
  scene.world.say(name, `clock is wrong by ${Math.round(clock.skewMs)} ms`);
  return true;
}

function databaseAway(scene: Scene, chance: Prng): boolean {
  const site = chance.pick(scene.sites());
  site.weather.awayUntilMs = scene.world.nowMs + chance.exponential(20_000);
  scene.world.say(site.name, 'database away');
  return true;
}

function databaseMoody(scene: Scene, chance: Prng): boolean {
  const { temper } = chance.pick(scene.sites()).weather;
  [temper.again, temper.unknownCommit] = [chance.between(0, 0.3), chance.between(0, 0.2)];
  temper.commitMs = chance.between(5, 400);
  scene.later(chance.exponential(60_000), () => {
    [temper.again, temper.unknownCommit, temper.commitMs] = [0, 0, 10];
  });
  return true;
}

function pause(scene: Scene, chance: Prng): boolean {
  const site = pickOf(
    chance,
    scene.branches().filter((one) => one.branch !== null && !one.branch.status().paused),
  );
  if (site === null) return false;
  site.branch!.pause().catch(() => {}); // the database may be away
  scene.later(chance.exponential(60_000), () => void site.branch?.resume().catch(() => {}));
  return true;
}

function syncNow(scene: Scene, chance: Prng): boolean {
  const site = pickOf(
    chance,
    scene.branches().filter((one) => one.branch !== null),
  );
  if (site === null) return false;
  site.branch!.now(chance.between(1_000, 60_000)).catch(() => {});
  return true;
}
