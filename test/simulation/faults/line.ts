import type { Prng } from '../prng.ts';
import type { PathBreak, Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS } from './fault.ts';

/** What happens to the way from an office to the broker. */
export const LINE_FAULTS: readonly Fault[] = [
  { name: 'link-cut', meanMs: 3 * MINUTE_MS, hits: 'office', strike: cutLink },
  { name: 'link-silent', meanMs: 5 * MINUTE_MS, hits: 'office', strike: breakAs('silent') },
  { name: 'link-mute', meanMs: 5 * MINUTE_MS, hits: 'office', strike: breakAs('mute') },
  { name: 'link-deaf', meanMs: 5 * MINUTE_MS, hits: 'office', strike: breakAs('deaf') },
  { name: 'link-flap', meanMs: 6 * MINUTE_MS, hits: 'office', strike: flapLink },
  { name: 'link-slow', meanMs: 5 * MINUTE_MS, hits: 'office', strike: slowLink },
  { name: 'contact-rare', meanMs: 8 * MINUTE_MS, hits: 'branch', strike: rareContact },
];

function cutLink(scene: Scene, chance: Prng, site: Site): boolean {
  const forMs = chance.chance(0.3) ? chance.exponential(4 * MINUTE_MS) : chance.exponential(20_000);
  return scene.breakPath(site, 'cut', forMs);
}

/** `silent`: nothing gets through; `mute`: nothing of what it sends; `deaf`: nothing of what it is sent. */
function breakAs(how: PathBreak): Fault['strike'] {
  return (scene, chance, site) => scene.breakPath(site, how, chance.exponential(25_000));
}

function flapLink(scene: Scene, chance: Prng, site: Site): boolean {
  for (let i = 0; i < 6; i++)
    scene.later(i * 5_000, () => scene.breakPath(site, 'cut', chance.between(500, 3_000)));
  return true;
}

/** A line of a modem: 2 to 16 kbit/s. */
function slowLink(scene: Scene, chance: Prng, site: Site): boolean {
  const { path, name } = site;
  if (path.bytesPerMs !== Infinity) return false;
  path.bytesPerMs = chance.between(0.25, 2);
  scene.world.say(name, `line carries ${Math.round(path.bytesPerMs * 1_000)} bytes a second`);
  scene.later(chance.exponential(90_000), () => (path.bytesPerMs = Infinity));
  return true;
}

/** As an office that is connected for one hour a day. */
function rareContact(scene: Scene, chance: Prng, site: Site): boolean {
  const dayMs = chance.between(2, 5) * MINUTE_MS;
  for (let day = 0; day < 4; day++)
    scene.later(day * dayMs, () => scene.breakPath(site, 'cut', (23 / 24) * dayMs));
  return true;
}
