// A company in which every office can be made to die at a named moment.
import { expect } from '@jest/globals';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import type { Moment } from '../../mixins/moments.ts';
import { createStore } from '../../mixins/store/create-store.ts';
import type { EventView } from '../../services/event-view.ts';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { all, syncState } from '../e2e/sales.ts';
import { Company, HEAD, type OfficePlan } from './company.ts';
import { reckon } from './oracle.ts';
import type { Databases } from './pairs.ts';
import { type Seller, sellers } from './seller.ts';
import { Trap } from './trap.ts';

/** Between two commands of a seller, so that a minute of load can be reckoned up in seconds. */
const PAUSE_MS = 50;
const HEAD_PAUSE_MS = 150;
const SPRUNG_MS = 150_000;
/** What the head said last may still be on its way to a branch. */
const LOOKS = 10;

export class TrappedCompany {
  readonly company: Company;
  readonly #traps: ReadonlyMap<string, Trap>;

  private constructor(company: Company, traps: ReadonlyMap<string, Trap>) {
    this.company = company;
    this.#traps = traps;
  }

  static async open({ head, branches }: Databases): Promise<TrappedCompany> {
    const traps = new Map<string, Trap>();
    for (const id of [HEAD, ...Object.keys(branches)]) traps.set(id, await Trap.make());
    const plan = (id: string, database: OfficePlan['database']): OfficePlan => {
      return { database, settings: traps.get(id)!.settings };
    };
    const company = await Company.open({
      head: plan(HEAD, head),
      branches: Object.fromEntries(Object.entries(branches).map(([id, kind]) => [id, plan(id, kind)])),
    });
    return new TrappedCompany(company, traps);
  }

  get head(): OfficeProcess {
    return this.company.head;
  }

  get branches(): string[] {
    return [...this.#traps.keys()].filter((id) => id !== HEAD);
  }

  office(id: string): OfficeProcess {
    return this.company.office(id);
  }

  /** Of every branch: people there, and one at the head who sells for it. */
  sellers(): Map<string, Seller[]> {
    const at = (id: string): Seller[] => [
      ...sellers(this.office(id), 2, PAUSE_MS),
      ...sellers(this.head, 1, HEAD_PAUSE_MS, id),
    ];
    return new Map(this.branches.map((id) => [id, at(id)]));
  }

  setTrap(id: string, moment: Moment, pass = 1): void {
    this.#traps.get(id)!.set(moment, pass);
  }

  /** Resolves when the office lies dead, killed at the moment that was set. */
  async dies(id: string): Promise<void> {
    await this.#traps.get(id)!.sprung(this.office(id), SPRUNG_MS);
    if (id === HEAD) await this.#assertAckedIsCommitted();
  }

  /** The office dies at this moment, and is started again. */
  async kill(id: string, moment: Moment, pass = 1): Promise<void> {
    this.setTrap(id, moment, pass);
    await this.dies(id);
    await this.office(id).start();
  }

  /** As ever; and no crash has made an office refuse what came twice. */
  async reckon(id: string, sellers: readonly Seller[]): Promise<void> {
    await reckon(this.company, id, sellers);
    expect([HEAD, id].flatMap((one) => refusalsOf(this.office(one)))).toEqual([]);
  }

  /** The same, and none was taken for a second life of its office: a repair would hide it. */
  async reckonOneLife(id: string, sellers: readonly Seller[]): Promise<void> {
    await this.reckon(id, sellers);
    const events = await all<EventView>(this.head, `/api/events?author=${id}`);
    expect([...new Set(events.map(({ epoch }) => epoch))]).toEqual([1]);
  }

  async close(): Promise<void> {
    await this.company.close();
    for (const trap of this.#traps.values()) await trap.remove();
  }

  /** While the head is dead: it has committed all that any branch that can be asked takes for acknowledged. */
  async #assertAckedIsCommitted(): Promise<void> {
    const committed = await committedSeqs(this.head, this.branches);
    for (let look = 0; look < LOOKS; look++) {
      for (const id of this.branches) {
        const state = await syncState(this.office(id)).catch(() => null);
        expect({ id, isAhead: (state?.ackedSeq ?? 0) > committed.get(id)! }).toEqual({ id, isAhead: false });
      }
    }
  }
}

/** What an office says of events that it does not take. The lines of a broken link are no flaw. */
function refusalsOf({ output }: OfficeProcess): string[] {
  return output
    .split('\n')
    .filter((line) => /batch-refused|history-contradicted|invariant|message-given-up/i.test(line));
}

async function committedSeqs(head: OfficeProcess, branches: readonly string[]): Promise<Map<string, number>> {
  const url = head.settings['DATABASE_URL']!;
  const store = createStore({ url, office: HEAD, role: 'head', datasets: BUILT_IN.all });
  await store.open({ prepare: 'nothing' });
  try {
    const rows = await Promise.all(branches.map((id) => store.read.office(id)));
    return new Map(branches.map((id, index) => [id, rows[index]?.cursor.seq ?? 0]));
  } finally {
    await store.close();
  }
}
