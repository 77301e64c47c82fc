import { errorType } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type { Oracle } from './oracle.ts';
import type { Plan } from './plan.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** Of the offices with a copy, where somebody claims the fenced one now and then, and how often. */
const CLAIMED = 0.5;
const CLAIM_MS = 60_000;
const PATIENCE_MS = 60_000;
/** Of the worlds, in how many a branch is retired. */
const RETIRED = 0.2;

/** What the people in charge see of a scene, and can do there. */
interface Premises {
  readonly world: World;
  readonly plan: Plan;
  readonly oracle: Oracle;
  readonly head: Site;
  readonly retired: Set<OfficeId>;
  branches(): readonly Site[];
  isCloned(office: OfficeId): boolean;
  /** Unless everything is healing by then. */
  later(delayMs: number, task: () => void): void;
  remove(site: Site): void;
}

/** What the people in charge do with offices that wait for them: paused, manual, fenced ones. */
export class Caretaker {
  readonly #scene: Premises;

  constructor(scene: Premises) {
    this.#scene = scene;
  }

  /** Resumes what is paused, syncs by hand, takes fenced copies away, or claims the office where the other one is gone. */
  tend(): void {
    for (const site of this.#scene.branches()) {
      const status = site.branch?.status();
      if (status === undefined) continue;
      if (status.paused) site.branch!.resume().catch(() => {});
      if (site.mode === 'manual') site.branch!.now(60_000).catch(() => {});
      this.tendCopy(site, site.mode === 'manual' && status.state === 'idle');
      if (!this.#scene.isCloned(site.office)) this.#claim(site);
    }
    this.#scene.world.after(5_000, () => this.tend());
  }

  /** Copies that only sync now and then are never seen alive at once: a person finds out from the incidents. */
  tendCopy(site: Site, isNoticed: boolean): void {
    const status = site.branch?.status();
    if (status?.pending !== 0 || !this.#scene.isCloned(site.office)) return;
    if (status.state === 'fenced' || (isNoticed && !this.#hasFencedCopy(site))) this.#scene.remove(site);
  }

  /** Somebody wants the copy that is fenced to be the office, whatever the other one does. */
  claimNowAndThen(office: OfficeId): void {
    const chance = this.#scene.world.chance(`claims of ${office}`);
    const next = (): void =>
      this.#scene.later(chance.exponential(CLAIM_MS), () => {
        const copies = this.#scene.branches().filter((site) => site.office === office);
        copies.forEach((site) => this.#claim(site));
        if (copies.length > 1) next();
      });
    if (chance.chance(CLAIMED)) next();
  }

  /** Somebody at the head retires a branch, which may not have heard the last of it, and sells on. */
  retireSomebody(): void {
    const { world, plan, oracle } = this.#scene;
    const chance = world.chance('retirement');
    if (!chance.chance(RETIRED)) return;
    this.#scene.later(chance.between(0.3, 0.9) * plan.faultsMs, () => {
      const site = chance.pick(this.#scene.branches());
      const { office } = site;
      // Whoever retires an office that is to return something to the head loses that.
      const isRisky =
        this.#scene.isCloned(office) ||
        !oracle.whereabouts.isWhole(office) ||
        !oracle.whereabouts.isHeadWholeFor(site);
      if (!isRisky) this.#retire(office);
    });
  }

  /** Until it is done. */
  #retire(office: OfficeId): void {
    const { world, retired, head } = this.#scene;
    if (!retired.has(office)) world.say(head.name, `is to retire ${office}`);
    retired.add(office);
    const again = (): void => this.#scene.later(1_000, () => this.#retire(office));
    if (head.ledger === null) return again();
    head.ledger.retireOffice(office).then(() => head.head?.officesChanged().catch(() => {}), again);
  }

  #claim(site: Site): void {
    const { world } = this.#scene;
    if (site.branch?.status().state !== 'fenced') return;
    world.say(site.name, 'is claimed');
    site.branch.claim(PATIENCE_MS).then(
      () => world.say(site.name, 'is the office'),
      (error: unknown) => world.say(site.name, `is not the office: ${errorType(error)}`),
    );
  }

  #hasFencedCopy({ office }: Site): boolean {
    return this.#scene.branches().some((site) => site.office === office && site.status()?.state === 'fenced');
  }
}
