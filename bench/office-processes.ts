import { setTimeout as after } from 'node:timers/promises';
import { freePort } from '../test/harness/ports.ts';
import { eventually } from '../test/harness/wait.ts';
import { type OfficeProcess, type OfficeStart, startProcess } from './office-process.ts';

const LOOK_MS = 10;
const DEADLINE_MS = 120_000;
export const DEMO_OFFICES = 3;

export interface OfficeWish {
  readonly id: string;
  readonly database: string;
  /** None: it stays alone. */
  readonly link?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface SyncView {
  readonly state: string;
  readonly pending: number;
}

/** `branchline start`, as many as a benchmark takes. */
export class OfficeProcesses {
  #running: OfficeProcess[] = [];

  async start({ id, database, link, env = {} }: OfficeWish): Promise<OfficeProcess> {
    const port = await freePort();
    const own = { OFFICE_ID: id, OFFICE_ROLE: id === 'head' ? 'head' : 'branch', DATABASE_URL: database };
    const lines = link === undefined ? {} : { LINK_URL: link };
    return this.#run({ args: ['start'], env: { ...own, ...lines, ...env, PORT: String(port) }, port });
  }

  /** It keeps its data under the folder where it is started. The branches take the ports that follow the head's. */
  async demo(cwd: string): Promise<OfficeProcess> {
    const port = await freePort(DEMO_OFFICES);
    return this.#run({ args: ['demo', '--port', String(port)], env: {}, port, offices: DEMO_OFFICES, cwd });
  }

  async #run(start: OfficeStart): Promise<OfficeProcess> {
    const office = await startProcess(start);
    this.#running.push(office);
    return office;
  }

  async stopAll(): Promise<void> {
    const stopping = this.#running;
    this.#running = [];
    await Promise.all(stopping.map((office) => office.stop()));
  }
}

/** Waits until the branch and the head have greeted each other. */
export async function connected(branch: OfficeProcess): Promise<void> {
  await eventually(async () => {
    const { state } = await branch.ask<SyncView>('GET', '/api/sync');
    if (state !== 'streaming') throw new Error(`The branch is ${state}`);
  }, DEADLINE_MS);
}

/** Waits until everything is acknowledged; gives up when nothing moves for two minutes. */
export async function drained(branch: OfficeProcess): Promise<void> {
  let [least, latestMs] = [Infinity, performance.now()];
  for (;;) {
    const { pending, state } = await branch.ask<SyncView>('GET', '/api/sync');
    if (pending === 0) return;
    if (pending < least) [least, latestMs] = [pending, performance.now()];
    if (performance.now() > latestMs + DEADLINE_MS)
      throw new Error(`The branch is ${state}, ${pending} sales are not acknowledged`);
    await after(LOOK_MS);
  }
}

export async function countSales(office: OfficeProcess): Promise<number> {
  return (await office.ask<{ total: number }>('GET', '/api/sales?limit=1&count=true&deleted=with')).total;
}
