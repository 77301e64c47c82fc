import { Catalogue } from '../../domain/datasets/catalogue.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { products } from '../../domain/datasets/products.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { stock } from '../../domain/datasets/stock.ts';
import type { ProgramMix } from './plan.ts';
import type { Prng } from './prng.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** The program before stock was kept. */
const BEFORE = new Catalogue([sales, products]);

/** One to come: it declares sales in a version that today's does not know. */
const salesToCome: Dataset = {
  ...sales,
  version: 2,
  fields: {
    ...sales.fields,
    points: { kind: 'integer', min: 0, max: 100, required: true, label: 'Points', default: 7 },
  },
};
const TO_COME = new Catalogue([salesToCome, products, stock]);

/**
 * Which programs offices run at first; all have the newest in the end. Who knows a newer version of sales than the head
 * would number his own like the head's next change of them: such a program comes to the head first.
 */
const MIXES: Readonly<Record<ProgramMix, { newest: Catalogue; ofHead: Catalogue[]; ofBranch: Catalogue[] }>> =
  {
    alike: { newest: BUILT_IN, ofHead: [BUILT_IN], ofBranch: [BUILT_IN] },
    'before-stock': { newest: BUILT_IN, ofHead: [BUILT_IN, BEFORE], ofBranch: [BUILT_IN, BEFORE] },
    'newer-sales': { newest: TO_COME, ofHead: [TO_COME], ofBranch: [TO_COME, BUILT_IN, BEFORE] },
  };

/** How long a machine takes to come up with another program. */
const LONGEST_UPGRADE_MS = 20_000;
/** Of the time of all faults: some upgrades come after it. */
const LATEST_UPGRADE = 1.3;

/** How often an upgraded office finds its database, and loses it at once. */
const BUSY_DATABASE = 0.5;

interface Premises {
  readonly world: World;
  readonly plan: { readonly programs: ProgramMix; readonly faultsMs: number };
  /** Unless everything is healing by then. */
  later(delayMs: number, task: () => void): void;
  restart(site: Site, delayMs: number): void;
}

/** Which program runs where: some offices get the newest one while they sell, the others when all else is mended. */
export class Programs {
  readonly #scene: Premises;

  constructor(scene: Premises) {
    this.#scene = scene;
  }

  /** Of a new site. */
  drawFor(name: string, role: Site['role']): Catalogue {
    const { ofHead, ofBranch } = MIXES[this.#scene.plan.programs];
    return this.#chanceOf(name).pick(role === 'head' ? ofHead : ofBranch);
  }

  upgradeLater(site: Site): void {
    if (this.#isNewest(site)) return;
    const chance = this.#chanceOf(`${site.name} later`);
    const downMs = chance.between(10, LONGEST_UPGRADE_MS);
    this.#scene.later(chance.between(0, LATEST_UPGRADE * this.#scene.plan.faultsMs), () => {
      this.upgrade(site, downMs);
      if (chance.chance(BUSY_DATABASE)) this.#loseDatabase(site, downMs + chance.between(1, 100), chance);
    });
  }

  /** As it is upgraded too, perhaps: it goes away when the new program has just found it. */
  #loseDatabase({ weather, name }: Site, inMs: number, chance: Prng): void {
    const { world } = this.#scene;
    this.#scene.later(inMs, () => {
      weather.awayUntilMs = world.nowMs + chance.between(500, 5_000);
      world.say(name, 'database away');
    });
  }

  /** Whoever upgrades stops the process; what it was about is cut off. */
  upgrade(site: Site, downMs: number): void {
    if (this.#isNewest(site) || site.isRemoved) return;
    this.#scene.world.say(site.name, 'is upgraded');
    site.crash();
    site.program = MIXES[this.#scene.plan.programs].newest;
    this.#scene.restart(site, downMs);
  }

  #isNewest({ program }: Site): boolean {
    return program === MIXES[this.#scene.plan.programs].newest;
  }

  #chanceOf(what: string): Prng {
    return this.#scene.world.chance(`program of ${what}`);
  }
}
