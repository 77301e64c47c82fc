import type { EntityKey } from '../../../domain/event.ts';
import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS, NEEDS_OFFICE } from './fault.ts';

/** Longer than most rulings take. */
const JUDGED_MS = 20_000;

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

/**
 * One sale is changed or voided at the branch and at the head while neither hears of the other; or the head hears of the
 * branch, and rules on what the branch goes on editing without knowing. What comes to light then may meet a head whose
 * database breaks off its commits.
 */
function editOnBothSides(scene: Scene, chance: Prng, site: Site): boolean {
  if (site.ledger === null) return false;
  const sale = scene.operators.saleKnownTo(site, scene.head);
  if (sale === null) return false;
  const spellMs = chance.between(5_000, 60_000);
  const isHeard = chance.chance(0.4);
  scene.breakPath(site, isHeard ? 'deaf' : 'cut', spellMs);
  if (isHeard) ruleMeanwhile(scene, chance, site, sale);
  if (chance.chance(0.3)) scene.later(isHeard ? 0 : spellMs, () => breakOffCommits(scene, chance));
  for (const where of [site, scene.head])
    for (let i = chance.int(1, 3); i > 0; i--)
      scene.later(chance.between(0, spellMs), () => scene.operators.change(where, sale));
  return true;
}

/** Both set another price, which only a person settles, and the branch does so once more while he looks at it. */
function ruleMeanwhile(scene: Scene, chance: Prng, site: Site, sale: EntityKey): void {
  const { operators, head } = scene;
  for (const where of [site, head])
    scene.later(chance.between(0, 1_000), () => operators.setPrice(where, sale));
  const atMs = chance.between(1_500, 4_000);
  scene.later(atMs, () => operators.ruleOn(head, sale));
  scene.later(atMs + chance.between(0, JUDGED_MS), () => operators.setPrice(site, sale));
}

/** The head cannot tell for a while which of its commits were carried out. */
function breakOffCommits(scene: Scene, chance: Prng): void {
  const { temper } = scene.head.weather;
  temper.unknownCommit = chance.between(0.3, 0.9);
  scene.later(chance.between(2_000, 15_000), () => (temper.unknownCommit = 0));
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
