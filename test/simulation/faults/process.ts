import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS, NEEDS_OFFICE, NEEDS_PROCESS } from './fault.ts';

/** Processes and machines that end. */
export const PROCESS_FAULTS: readonly Fault[] = [
  { name: 'branch-crash', meanMs: 4 * MINUTE_MS, hits: 'branch', never: NEEDS_PROCESS, strike: crash },
  { name: 'head-crash', meanMs: 5 * MINUTE_MS, hits: 'head', never: NEEDS_PROCESS, strike: crash },
  {
    name: 'branch-crash-mid-effect',
    meanMs: 4 * MINUTE_MS,
    hits: 'branch',
    never: NEEDS_PROCESS,
    strike: crashMidEffect,
  },
  {
    name: 'head-crash-mid-effect',
    meanMs: 4 * MINUTE_MS,
    hits: 'head',
    never: NEEDS_PROCESS,
    strike: crashMidEffect,
  },
  { name: 'branch-power-loss', meanMs: 4 * MINUTE_MS, hits: 'branch', strike: losePower },
  { name: 'head-power-loss', meanMs: 5 * MINUTE_MS, hits: 'head', strike: losePower },
  {
    name: 'orderly-restart',
    meanMs: 8 * MINUTE_MS,
    hits: 'office',
    never: NEEDS_OFFICE,
    strike: orderlyRestart,
  },
];

function downMs(chance: Prng): number {
  return chance.chance(0.5) ? chance.between(10, 2_000) : chance.exponential(30_000);
}

function crash(scene: Scene, chance: Prng, site: Site): boolean {
  if (!site.isRunning) return false;
  site.crash();
  scene.restart(site, downMs(chance));
  return true;
}

/** At the n-th thing from now that the process does outside itself: a commit, a message, a confirm, an acknowledgement. */
function crashMidEffect(scene: Scene, chance: Prng, site: Site): boolean {
  if (!site.isRunning) return false;
  atEffect(scene, chance, site, () => {
    site.crash();
    scene.restart(site, downMs(chance));
  });
  return true;
}

function atEffect(scene: Scene, chance: Prng, site: Site, act: () => void): void {
  let left = chance.int(0, 12);
  const { life } = site;
  scene.traps.set({
    isNow: (one, where) => one === site && where !== 'down' && (one.life !== life || left-- === 0),
    spring: (one, where) => {
      if (one.life !== life) return true;
      scene.noteEffect(one, where);
      act();
      return true;
    },
  });
}

/** The machine goes dark, mostly while the disk is at work: what was written and not yet safe is gone. */
function losePower(scene: Scene, chance: Prng, site: Site): boolean {
  const lose = (): void => {
    site.losePower();
    scene.restart(site, chance.between(1_000, 10_000));
  };
  const { life } = site;
  if (!site.isRunning || chance.chance(0.3)) lose();
  else
    scene.traps.set({
      isNow: (one, where) => one === site && (one.life !== life || where === 'store written'),
      spring: (one) => {
        if (one.life === life) lose();
        return true;
      },
    });
  return true;
}

async function stopOrderly(scene: Scene, site: Site, pauseMs: number): Promise<void> {
  const life = site.life;
  await (site.branch ?? site.head)?.stop();
  if (site.life !== life) return;
  site.crash();
  scene.restart(site, pauseMs);
}

function orderlyRestart(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.status() === null) return false;
  const pauseMs = chance.exponential(20_000);
  stopOrderly(scene, site, pauseMs).catch(() => {
    site.crash();
    scene.restart(site, pauseMs);
  });
  return true;
}
