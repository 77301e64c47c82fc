import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS } from './fault.ts';

/** Databases that do not serve, and clocks that are wrong. */
export const DATABASE_FAULTS: readonly Fault[] = [
  { name: 'database-away', meanMs: 4 * MINUTE_MS, hits: 'office', strike: databaseAway },
  { name: 'database-moody', meanMs: 5 * MINUTE_MS, hits: 'office', strike: databaseMoody },
  { name: 'disk-full', meanMs: 5 * MINUTE_MS, hits: 'office', strike: diskFull },
  { name: 'clock-jump', meanMs: 5 * MINUTE_MS, hits: 'office', strike: jumpClock },
];

function databaseAway({ world }: Scene, chance: Prng, { name, weather }: Site): boolean {
  weather.awayUntilMs = world.nowMs + chance.exponential(20_000);
  world.say(name, 'database away');
  return true;
}

/** Nothing can be written until somebody makes room; what is there can be read. */
function diskFull({ world }: Scene, chance: Prng, { name, weather }: Site): boolean {
  weather.fullUntilMs = world.nowMs + chance.exponential(40_000);
  world.say(name, 'disk full');
  return true;
}

function databaseMoody(scene: Scene, chance: Prng, { weather: { temper } }: Site): boolean {
  [temper.again, temper.unknownCommit] = [chance.between(0, 0.3), chance.between(0.02, 0.4)];
  temper.commitMs = chance.between(5, 400);
  scene.later(chance.exponential(60_000), () => {
    [temper.again, temper.unknownCommit, temper.commitMs] = [0, 0, 10];
  });
  return true;
}

function jumpClock({ world }: Scene, chance: Prng, { clock, name }: Site): boolean {
  const longest = chance.chance(0.2) ? 60 * MINUTE_MS : 90_000;
  clock.skewMs = chance.chance(0.3) ? 0 : chance.between(-longest, longest);
  world.say(name, `clock is wrong by ${Math.round(clock.skewMs)} ms`);
  return true;
}
