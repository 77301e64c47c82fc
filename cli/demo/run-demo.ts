import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseDecimal } from '../../domain/decimal.ts';
import { DomainError, errorType } from '../../domain/errors.ts';
import { type OfficeConfig, readConfig } from '../../mixins/config.ts';
import { createInProcessHub } from '../../mixins/link/in-process.ts';
import type { Links } from '../../mixins/office.ts';
import { type Holder, type SoleUse, takeSoleUse } from '../../mixins/store/sqlite/sole-use.ts';
import type { EntityPage } from '../../services/dataset/entity-reading.ts';
import { environment } from '../config.ts';
import { gatewayUrl } from '../gateway-url.ts';
import { serveOffice, type ServedOffice } from '../serve-office.ts';
import { loadDemo, superstorePath } from './load-demo.ts';

export type DemoData = 'sheet' | 'superstore';

export interface DemoOptions {
  readonly port: number;
  readonly data: DemoData;
  /** Below it each data set has a folder of its own. */
  readonly folder: string;
  readonly reset: boolean;
}

export interface RunningDemo {
  readonly data: DemoData;
  /** The head first. */
  readonly offices: readonly ServedOffice[];
  /** Those that were paused when the demo ended last, and still are. */
  readonly paused: readonly string[];
  /** null where west has none that could be changed. */
  readonly sale: TourSale | null;
  stop(): Promise<void>;
}

/** The sale of west that the tour has both sides change. */
export interface TourSale {
  readonly id: string;
  /** As it is now, canonical. */
  readonly cost: string;
}

const BRANCHES: Readonly<Record<DemoData, readonly string[]>> = {
  sheet: ['east', 'west'],
  superstore: ['east', 'west', 'central', 'south'],
};
const FOLDERS: Readonly<Record<DemoData, string>> = { sheet: 'demo', superstore: 'superstore' };
const SYNC_DEADLINE_MS = 60_000;

/**
 * A head and its branches, joined in this process; loaded, and in step when it returns.
 * @throws DomainError `cannot-listen`, `database-in-use`, `no-demo-data`: nothing is left running then, and nothing is removed
 */
export async function runDemo({ port, data, folder, reset }: DemoOptions): Promise<RunningDemo> {
  if (data === 'superstore') superstorePath(); // before anything is made for it
  const path = join(folder, FOLDERS[data]);
  const configs = ['head', ...BRANCHES[data]].map((office, index) => configOf(office, path, port + index));
  const release = takeAll(configs, path);
  if (reset) await Promise.all(configs.map(removeDatabase));
  const offices: ServedOffice[] = [];
  const stop = async (): Promise<void> => {
    // The head last, so that it hears the branches say goodbye.
    await Promise.all(offices.slice(1).map((office) => office.stop()));
    await offices[0]?.stop();
    release();
  };
  try {
    await openAll(configs, offices);
    for (const branch of offices.slice(1)) await loadDemo(branch, data); // one by one: four at a time take twice the memory
    const paused = await syncAll(offices.slice(1));
    return { data, offices, paused, sale: await tourSale(offices), stop };
  } catch (error) {
    await stop();
    throw withPortAdvice(error);
  }
}

/** The databases of one demo, for this process alone: before the first of them is removed or opened. */
function takeAll(configs: readonly OfficeConfig[], folder: string): () => void {
  const taken: SoleUse[] = [];
  const release = () => taken.forEach((one) => one.release());
  try {
    for (const { office, host, port, databaseUrl } of configs)
      taken.push(takeSoleUse(databaseUrl, { office, url: gatewayUrl(host, port!) }));
    return release;
  } catch (error) {
    release();
    throw withFolderAdvice(error, folder);
  }
}

function configOf(office: string, folder: string, port: number): OfficeConfig {
  return readConfig({
    OFFICE_ID: office,
    OFFICE_ROLE: office === 'head' ? 'head' : 'branch',
    OFFICE_NAME: office[0]!.toUpperCase() + office.slice(1),
    DATABASE_URL: `sqlite:${folder}/${office}.sqlite`,
    PORT: String(port),
    DATASETS_DIR: environment()['DATASETS_DIR'],
    LOG_LEVEL: 'warn',
  });
}

/** Only what the demo made itself: a real office may keep its file beside them. */
async function removeDatabase({ databaseUrl }: OfficeConfig): Promise<void> {
  const path = databaseUrl.slice('sqlite:'.length);
  await Promise.all(['', '-wal', '-shm'].map((suffix) => rm(path + suffix, { force: true })));
}

async function openAll(configs: readonly OfficeConfig[], offices: ServedOffice[]): Promise<void> {
  const hub = createInProcessHub();
  const link: Links = {
    headLink: () => hub.headLink(),
    branchLink: (office, instance) => hub.branchLink(office, instance),
  };
  for (const config of configs) {
    if (config.role === 'branch') await letIn(offices[0]!, config);
    offices.push(await serveOffice(config, { link }));
  }
}

async function letIn(head: ServedOffice, { office, name }: OfficeConfig): Promise<void> {
  try {
    await head.broker.call('offices.add', { id: office, name });
  } catch (error) {
    if (errorType(error) !== 'office-exists') throw error;
  }
}

/** Brings the branches and the head in step; names those that do not want to. */
async function syncAll(branches: readonly ServedOffice[]): Promise<string[]> {
  const paused = await Promise.all(branches.map(syncOne));
  return paused.filter((office) => office !== null);
}

async function syncOne({ broker, office }: ServedOffice): Promise<string | null> {
  try {
    await broker.call('sync.now', { deadlineMs: SYNC_DEADLINE_MS });
    return null;
  } catch (error) {
    if (errorType(error) === 'sync-paused') return office.config.office;
    throw error;
  }
}

/** One that both sides can change: neither voided nor disputed, whatever was done to the others. */
async function tourSale(offices: readonly ServedOffice[]): Promise<TourSale | null> {
  const west = offices.find(({ office }) => office.config.office === 'west')!;
  const { items } = await west.broker.call<EntityPage, object>('sales.list', { conflicted: false, limit: 1 });
  const [free] = items;
  if (free === undefined) return null;
  return { id: String(free['id']), cost: parseDecimal(String(free['cost'])) ?? '0' };
}

function withFolderAdvice(error: unknown, folder: string): unknown {
  if (errorType(error) !== 'database-in-use') return error;
  const holder = (error as DomainError).data['holder'] as Holder | null;
  const who = holder === null ? 'another process' : `process ${holder.pid} at ${String(holder.url)}`;
  const stop = holder === null ? 'Stop that' : `Stop that (kill ${holder.pid})`;
  const message = `The demo in ${resolve(folder)} is run by ${who}. ${stop}, or start this one elsewhere: npm start -- --data-dir data/second --port 4000`;
  return new DomainError('database-in-use', message, (error as DomainError).data);
}

function withPortAdvice(error: unknown): unknown {
  if (errorType(error) !== 'cannot-listen') return error;
  const { host, port, code } = (error as DomainError).data;
  if (code !== 'EADDRINUSE') return error;
  const message = `${String(host)}:${String(port)} is in use by another program. Stop that, or choose other ports: npm start -- --port 4000`;
  return new DomainError('cannot-listen', message, (error as DomainError).data);
}
