import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS, NEEDS_OFFICE } from './fault.ts';

/** What people do, for good or ill. */
export const PEOPLE_FAULTS: readonly Fault[] = [
  {
    name: 'paused',
    meanMs: 5 * MINUTE_MS,
    hits: 'branch',
    never: { ...NEEDS_OFFICE, paused: 'it is paused already' },
    strike: pause,
  },
  { name: 'sync-now', meanMs: 3 * MINUTE_MS, hits: 'branch', never: NEEDS_OFFICE, strike: syncNow },
  { name: 'office-added', meanMs: 12 * MINUTE_MS, hits: 'head', strike: (scene) => scene.addOffice() },
  {
    name: 'both-sides-edit',
    meanMs: 2 * MINUTE_MS,
    hits: 'branch',
    never: NEEDS_OFFICE,
    strike: editOnBothSides,
  },
  { name: 'event-strange', meanMs: 6 * MINUTE_MS, hits: 'branch', never: NEEDS_OFFICE, strike: writeStrange },
  { name: 'trespass', meanMs: 4 * MINUTE_MS, hits: 'branch', never: NEEDS_OFFICE, strike: trespass },
];

function pause(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.branch === null || site.branch.status().paused) return false;
  site.branch.pause().catch(() => {}); // the database may be away
  scene.later(chance.exponential(60_000), () => void site.branch?.resume().catch(() => {}));
  return true;
}

function syncNow(_scene: Scene, chance: Prng, site: Site): boolean {
  if (site.branch === null) return false;
  site.branch.now(chance.between(1_000, 60_000)).catch(() => {});
  return true;
}

/** One sale is changed or voided at the branch and at the head while neither hears of the other. */
function editOnBothSides(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.ledger === null) return false;
  const sale = scene.operators.saleKnownTo(site, scene.head);
  if (sale === null) return false;
  const spellMs = chance.between(5_000, 60_000);
  scene.breakPath(site, 'cut', spellMs);
  for (const where of [site, scene.head])
    for (let i = chance.int(1, 3); i > 0; i--)
      scene.later(chance.between(0, spellMs), () => scene.operators.change(where, sale));
  return true;
}

/** A newer or a hostile program at the branch writes what the others do not understand, or may not believe. */
function writeStrange(scene: Scene, chance: Prng, site: Site): boolean {
  const { ledger } = site;
  if (ledger === null) return false;
  scene.strangers.write(ledger, chance);
  return true;
}

/** Somebody at a branch tries to write what belongs to another office. */
function trespass(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.ledger === null) return false;
  const others = scene.sites().filter(({ office }) => office !== site.office);
  scene.operators.trespass(site, chance.pick(others).office);
  return true;
}
