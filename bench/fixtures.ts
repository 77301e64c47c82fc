import { readConfig } from '../mixins/config.ts';
import type { Journal } from '../mixins/office.ts';
import { createOffice } from '../mixins/running-office.ts';
import { BUILT_IN } from '../domain/datasets/registry.ts';
import { createLedger, type OfficeLedger } from '../mixins/ledger/create-ledger.ts';
import { createStore } from '../mixins/store/create-store.ts';
import { copyIntoServer } from './copy-database.ts';
import type { Database } from './database.ts';
import { projectionsSettled } from './projections-settled.ts';
import { BRANCH, firstPartOf, sampleCommand, tillPorts } from './sample-log.ts';
import type { BenchServers } from './servers.ts';

const AT_ONCE = 1_000;
const SILENT: Journal = { info: () => {}, warn: () => {}, error: console.error };

/** How much of which log. */
export interface Extent {
  readonly events: number;
  /** Of the whole log, whose first fifth is sales alone. */
  readonly total: number;
}

/**
 * Databases of the branch `west` with a long log, none of it acknowledged, its link paused. Each is made once in a run
 * and handed out as copies: the program's own ledger sells it into SQLite; servers get it from there.
 */
export class Fixtures {
  readonly #servers: BenchServers;
  readonly #made = new Map<string, Promise<string>>();

  constructor(servers: BenchServers) {
    this.#servers = servers;
  }

  /** A database of the caller's own. */
  async copy(kind: Database, extent: Extent): Promise<string> {
    return this.#servers.copy(kind, await this.shared(kind, extent));
  }

  /** The one that copies are made of: nobody may add to its log. */
  shared(kind: Database, extent: Extent): Promise<string> {
    const name = nameOf(kind, extent);
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const making = kind === 'sqlite' ? this.#sold(extent) : this.#copied(kind, extent);
    this.#made.set(name, making);
    return making;
  }

  /** Goes on from what was made of the same log before. */
  async #sold(extent: Extent): Promise<string> {
    const { total } = extent;
    const begun = await this.#made.get(nameOf('sqlite', { events: firstPartOf(total), total }));
    const isNew = begun === undefined;
    const url = isNew ? await this.#servers.database('sqlite') : await this.#servers.copy('sqlite', begun);
    if (isNew) await keepOffice(url); // projections that are there from the first sale on follow, and need not be made
    const branch = await openBranch(url);
    await sellUpTo(branch, extent);
    await branch.ledger.savePaused(true);
    await branch.ledger.close();
    await keepOffice(url);
    return url;
  }

  async #copied(kind: Database, extent: Extent): Promise<string> {
    const source = await this.shared('sqlite', extent);
    const url = await this.#servers.database(kind);
    await keepOffice(url); // makes the tables
    await copyIntoServer(source.slice('sqlite:'.length), url);
    return url;
  }
}

function nameOf(kind: Database, { events, total }: Extent): string {
  return `${kind}: ${events} of ${total}`;
}

/** The office, until its projections are where its log is. */
async function keepOffice(DATABASE_URL: string): Promise<void> {
  const config = readConfig({ OFFICE_ID: BRANCH, DATABASE_URL });
  const office = createOffice(config, { journal: SILENT, link: null });
  await office.start();
  try {
    await projectionsSettled(() => office.projections().list());
  } finally {
    await office.stop();
  }
}

interface Branch {
  readonly ledger: OfficeLedger;
  /** Events sold so far: the time of its till. */
  sold: number;
}

async function openBranch(url: string): Promise<Branch> {
  const store = createStore({ url, office: BRANCH, role: 'branch', datasets: BUILT_IN.all });
  await store.open();
  const branch = { sold: 0 };
  const ports = tillPorts(() => branch.sold);
  return Object.assign(branch, {
    ledger: createLedger({ store, office: BRANCH, role: 'branch', ports, program: '0' }),
  });
}

async function sellUpTo(branch: Branch, { events, total }: Extent): Promise<void> {
  const { ledger } = branch;
  const { tail } = await ledger.read.logRow();
  for (let from = tail.seq; from < events; from += AT_ONCE) {
    branch.sold = from;
    const indexes = Array.from({ length: Math.min(AT_ONCE, events - from) }, (_, offset) => from + offset);
    const commands = indexes.map((index) => ({ command: sampleCommand(index, total), actor: 'till-2' }));
    const outcomes = await ledger.submitAll(commands);
    const refused = outcomes.find((outcome) => !outcome.ok || outcome.logged === null);
    if (refused !== undefined) throw new Error(`A sample sale was refused: ${JSON.stringify(refused)}`);
  }
}
