import { Declarations } from '../../mixins/projections/declared.ts';
import { randomUUID } from 'node:crypto';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { PROJECTIONS } from '../../domain/projections/registry.ts';
import { salesByDay } from '../../domain/projections/sales-by-day.ts';
import type { ProjectionLine } from '../../domain/projections/projection.ts';
import type { Worker } from '../../mixins/projections/claim.ts';
import type { JobView } from '../../mixins/projections/job.ts';
import { Projections } from '../../mixins/projections/projections.ts';
import { Projector } from '../../mixins/projections/projector.ts';
import { createLedger, type OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { ProjectionStore } from '../../mixins/store/projections/projection-store.ts';
import { createStore, type DatabaseStore } from '../../mixins/store/create-store.ts';
import { realTime } from '../../mixins/sync/scheduler.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { type TestPlace, testDatabase } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { testPorts } from './ledger-world.ts';
import { openRaw, type Raw } from './store-raw.ts';

export const SALE = {
  soldOn: '2026-04-01',
  product: 'Paper',
  region: 'West',
  qty: 73,
  cost: '12.95',
  tax: '66.17',
} as const;
/** The line of `sales_by_day` that SALE is in. */
export const DAY = { office: 'head', soldOn: SALE.soldOn } as const;

/** One process of an office with its projections. */
export interface Node {
  readonly store: DatabaseStore;
  readonly ledger: OfficeLedger;
  readonly projector: Projector;
  readonly projections: Projections;
  readonly worker: Worker;
  stop(): Promise<void>;
}

export interface NodeOptions {
  readonly starts?: boolean;
  readonly isAlone?: boolean;
  /** Takes what the projector tells; without it nothing may go wrong. */
  readonly told?: string[];
  /** Stands before the store. */
  readonly wrap?: (store: ProjectionStore) => ProjectionStore;
}

/** A database with one office, of which several processes may work on it. */
export class ProjectionsWorld {
  readonly #kind: DatabaseKind;
  readonly #nodes: Node[] = [];
  #place!: TestPlace;
  #raw: Raw | null = null;

  constructor(kind: DatabaseKind) {
    this.#kind = kind;
  }

  async begin(): Promise<void> {
    this.#place = await testDatabase(this.#kind);
  }

  async end(): Promise<void> {
    for (const node of this.#nodes.splice(0)) await node.stop();
    await this.#raw?.close();
    this.#raw = null;
    await this.#place.drop();
  }

  async node({ starts = true, isAlone = true, told, wrap = (it) => it }: NodeOptions = {}): Promise<Node> {
    const store = createStore({ url: this.#place.url, office: 'head', role: 'head', datasets: BUILT_IN.all });
    await store.open();
    const ports = testPorts();
    const ledger = createLedger({ store, office: 'head', role: 'head', ports, program: 'test' });
    const worker: Worker = {
      instance: randomUUID(),
      isAlone,
      nowMs: () => ports.nowMs(),
      declared: new Declarations(ledger.datasets),
    };
    const tell = (text: string) => {
      if (told === undefined) throw new Error(text);
      told.push(text);
    };
    const journal = { warn: tell, error: tell };
    const projectionStore = wrap(store.projections);
    const isInProcess = store.family === 'sqlite';
    const projector = new Projector({
      store: projectionStore,
      worker,
      scheduler: realTime,
      isInProcess,
      journal,
    });
    ledger.onCommitted(() => projector.committed());
    const projections = new Projections(projectionStore, worker, () => projector.wake());
    let isStopped = false;
    const node: Node = {
      store,
      ledger,
      projector,
      projections,
      worker,
      async stop() {
        if (isStopped) return;
        isStopped = true;
        await projector.stop();
        await ledger.close();
      },
    };
    this.#nodes.push(node);
    if (starts) projector.start();
    return node;
  }

  async raw(): Promise<Raw> {
    this.#raw ??= await openRaw(this.#kind, this.#place.url);
    return this.#raw;
  }
}

export const DEADLINE_MS = 60_000;
const REST = { actor: 'anna' } as const;

export async function record(node: Node, entityId: string, fields: object = {}): Promise<void> {
  const key = { dataset: 'sales', scope: 'head', entityId };
  await node.ledger.submit({ command: { type: 'record', ...key, fields: { ...SALE, ...fields } }, ...REST });
}

export async function change(node: Node, entityId: string, fields: object): Promise<void> {
  const key = { dataset: 'sales', scope: 'head', entityId };
  await node.ledger.submit({ command: { type: 'amend', ...key, fields: { ...fields } }, ...REST });
}

export async function voidSale(node: Node, entityId: string): Promise<void> {
  const key = { dataset: 'sales', scope: 'head', entityId };
  await node.ledger.submit({ command: { type: 'void', ...key }, ...REST });
}

/** Waits until every projection has followed all there is, and nothing else is being done. */
export async function settled({ projections }: Node): Promise<void> {
  await eventually(async () => {
    const all = await projections.list();
    expect(all.map(({ name, state, behind, job }) => [name, state, behind, job?.endedAt !== null])).toEqual(
      all.map(({ name }) => [name, 'live', 0, true]),
    );
    expect(all.length).toBeGreaterThanOrEqual(BUILT_IN.all.length + PROJECTIONS.length);
  }, DEADLINE_MS);
}

/** Waits for the end of a job, however it ends. */
export async function jobDone({ projections }: Node, name: string): Promise<JobView> {
  return eventually(async () => {
    const { job } = await projections.get(name);
    expect(job?.endedAt).not.toBeNull();
    return job!;
  }, DEADLINE_MS);
}

/** Tables that a job has made and not thrown away. */
export async function tablesBeside(
  world: ProjectionsWorld,
  { store: { family } }: Node,
  name: string,
): Promise<string[]> {
  const schema = family === 'postgresql' ? 'current_schema()' : 'database()';
  const tables =
    family === 'sqlite'
      ? `select name from sqlite_master where type = 'table'`
      : `select table_name as name from information_schema.tables where table_schema = ${schema}`;
  const raw = await world.raw();
  const rows = await raw.run(tables);
  return rows.map((row) => String(row['name'])).filter((one) => one.startsWith(`${name}__`));
}

export function byDay({ store }: Node, table = salesByDay.name): Promise<ProjectionLine[]> {
  return store.projections.lines({ kind: 'lines', projection: salesByDay, table }, null, 1_000);
}
