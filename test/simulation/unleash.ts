import { FAULTS, type Fault } from './faults.ts';
import type { Prng } from './prng.ts';
import { HEAD_STATES, type OfficeState, stateOf } from './office-state.ts';
import type { Aim } from './plan.ts';
import type { Scene } from './scene.ts';
import type { Site } from './site.ts';
import { Strikes } from './strikes.ts';

/** An aim is given up after so many moments at which nothing came of it. */
const MOST_MOMENTS = 40;
/** How soon, on the average, what leads to a state that is aimed at strikes again. */
const LEAD_MS = 90_000;

/** Lets every fault of the plan strike, again and again, by chance or in the state that it aims at. */
export function unleash(scene: Scene, strikes: Strikes): void {
  for (const fault of FAULTS) {
    const meanMs = scene.plan.faults.get(fault.name);
    if (meanMs !== undefined) strikeAgainAndAgain(scene, strikes, fault, meanMs);
  }
  scene.plan.aims.forEach(({ fault, state }, at) => {
    takeAim(scene, strikes, faultNamed(fault), state, at);
  });
  if (scene.plan.lead !== null) leadThere(scene, strikes, scene.plan.lead);
}

function faultNamed(name: string): Fault {
  return FAULTS.find((fault) => fault.name === name)!;
}

/** Brings offices into the state that is aimed at. */
function leadThere(scene: Scene, strikes: Strikes, { fault, state }: Aim): void {
  const lead = faultNamed(fault);
  const hit = lead.hits === 'office' ? roleOf(state) : lead.hits;
  const times = scene.world.chance('lead');
  const next = (number: number): void =>
    scene.later(times.exponential(LEAD_MS), () => {
      const name = `${fault}.lead.${number}`;
      const chance = scene.world.chance(`strike ${name}`);
      const sites = sitesHitBy(scene, { hits: hit });
      if (sites.length > 0) strike(scene, strikes, lead, name, chance, chance.pick(sites));
      next(number + 1);
    });
  next(1);
}

/** Every strike has a stream of chance of its own: leaving one out changes no other. */
function strikeAgainAndAgain(scene: Scene, strikes: Strikes, fault: Fault, meanMs: number): void {
  const times = scene.world.chance(`fault ${fault.name}`);
  const next = (number: number): void =>
    scene.later(times.exponential(meanMs), () => {
      const name = `${fault.name}.${number}`;
      const chance = scene.world.chance(`strike ${name}`);
      const sites = sitesHitBy(scene, fault);
      if (sites.length > 0) strike(scene, strikes, fault, name, chance, chance.pick(sites));
      next(number + 1);
    });
  next(1);
}

function takeAim(scene: Scene, strikes: Strikes, fault: Fault, state: OfficeState, at: number): void {
  const times = scene.world.chance(`aim ${at}`);
  const role = roleOf(state);
  let number = 0;
  const next = (): void =>
    scene.later(times.exponential(scene.plan.faultsMs / 6), () => {
      const name = `${fault.name}.aim${at}.${(number += 1)}`;
      const chance = scene.world.chance(`strike ${name}`);
      let moments = 0;
      scene.traps.set({
        // Asked at every step of everybody: how an office stands takes longer than whether it can stand so.
        isNow: (site) =>
          site.role === role && stateOf(site) === state && sitesHitBy(scene, fault).includes(site),
        spring: (site) => {
          const isOver = strike(scene, strikes, fault, name, chance, site) || (moments += 1) > MOST_MOMENTS;
          if (isOver) next();
          return isOver;
        },
      });
    });
  next();
}

/** Of offices that can be in it. */
function roleOf(state: OfficeState): Site['role'] {
  return HEAD_STATES.some((one) => one === state) ? 'head' : 'branch';
}

function sitesHitBy(scene: Scene, { hits }: Pick<Fault, 'hits'>): Site[] {
  switch (hits) {
    case 'head':
      return [scene.head];
    case 'branch':
      return scene.branches();
    default:
      return scene.sites();
  }
}

/** Says whether it struck; or whether it would have, where it is left out. */
export function strike(
  scene: Scene,
  strikes: Strikes,
  fault: Fault,
  name: string,
  chance: Prng,
  site: Site,
): boolean {
  if (!strikes.isWanted(name)) return true;
  const states = Strikes.statesOf(fault.hits === 'all' ? scene.sites() : [site]);
  const hasStruck = fault.strike(scene, chance, site);
  if (hasStruck) strikes.struck(fault.name, name, states);
  return hasStruck;
}
