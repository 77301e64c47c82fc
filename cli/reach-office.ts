import { existsSync } from 'node:fs';
import { DomainError } from '../domain/errors.ts';
import type { OfficeConfig } from '../mixins/config.ts';
import { hasOfficeConfig, officeConfig } from './config.ts';
import { gatewayUrl } from './gateway-url.ts';
import { OfficeClient } from './office-client.ts';
import { say } from './output.ts';
import { takeDatabase } from './take-database.ts';

export interface ReachOptions {
  /** Of a running office; without it, the one that the environment describes. */
  readonly url?: string;
  /** Whether the database may be made. */
  readonly makes?: boolean;
  /** Whether the command changes anything; those that only look may do so beside another process, and leave a database as it is. */
  readonly writes?: boolean;
  /** The only one that can do it. Asked before the database, which whoever opens it first makes its own. */
  readonly role?: OfficeConfig['role'];
}

const PROBE_MS = 1_000;

/**
 * Lets a command work with an office. While it runs, over REST, since one process alone should write to a
 * database; otherwise with the database itself, for as long as the command takes and without the link. Few
 * commands make a database: a slip in OFFICE_ID or OFFICE_ROLE would leave one behind.
 */
export async function withOffice<T>(
  { url, makes, writes, role }: ReachOptions,
  work: (client: OfficeClient) => Promise<T>,
): Promise<T> {
  if (url !== undefined) return work(await officeNamed(url, role));
  if (!hasOfficeConfig()) throw whichOffice();
  const config = officeConfig();
  if (role !== undefined) assertRole(config, role);
  const running = await runningOffice(config);
  if (running !== null) return work(running);
  if (makes !== true) await assertDatabase(config);
  const soleUse = writes === true ? takeDatabase({ ...config, port: null }) : null;
  const { serveOffice } = await import('./serve-office.ts');
  const alone = { ...config, host: '127.0.0.1', port: 0, transporter: null, logLevel: 'warn' } as const;
  const prepare = writes === true ? 'make' : 'nothing';
  const served = await serveOffice(alone, { link: null, prepare });
  try {
    return await work(new OfficeClient(served.url!));
  } finally {
    await served.stop();
    soleUse?.release();
  }
}

/** Asked first who it is where not every office will do, so that nobody is made to confirm what is refused then. */
async function officeNamed(url: string, role: ReachOptions['role']): Promise<OfficeClient> {
  const client = new OfficeClient(url);
  if (role === undefined) return client;
  const { office, role: actual } = await client.get<Pick<OfficeConfig, 'office' | 'role'>>('/');
  if (actual !== role) throw wrongRole(role, actual, `${client.url} is ${office}, a ${actual}`, '--url');
  return client;
}

function whichOffice(): DomainError {
  const message =
    'Which office? Name one that runs with --url, e.g. --url http://127.0.0.1:3000 (the head of npm start), ' +
    'or describe yours as for its start: OFFICE_ID must be set, e.g. head or west';
  return new DomainError('invalid-configuration', message, { setting: 'OFFICE_ID' });
}

/** The office of this configuration, if it answers where it should, or where the one on its database file listens. */
export async function runningOffice({
  office,
  host,
  port,
  databaseUrl,
}: OfficeConfig): Promise<OfficeClient | null> {
  const client = new OfficeClient(gatewayUrl(host, port ?? 0));
  const live = await answerWithin(client);
  if (live?.office === office) return client;
  const { holderOf } = await import('../mixins/store/sqlite/sole-use.ts');
  const url = holderOf(databaseUrl)?.url ?? null;
  const holder = url === null || url === client.url ? null : new OfficeClient(url);
  if (holder !== null && (await answerWithin(holder))?.office === office) return holder;
  if (live !== null)
    say(`branchline: ${client.url} answers for "${live.office}", not for "${office}"; using the database.`);
  return null;
}

/** The office that answers where this one is set to listen, or null. */
export async function officeAt({ host, port }: OfficeConfig): Promise<string | null> {
  if (port === null) return null;
  return (await answerWithin(new OfficeClient(gatewayUrl(host, port))))?.office ?? null;
}

/** A question that stays open would keep the process from ending. */
function answerWithin(client: OfficeClient): Promise<{ office: string } | null> {
  const signal = AbortSignal.timeout(PROBE_MS);
  return client.get<{ office: string }>('/health/live', {}, signal).catch(() => null);
}

/** @throws DomainError `only-at-the-head`, `only-at-a-branch` */
export function assertRole({ office, role: actual }: OfficeConfig, expected: OfficeConfig['role']): void {
  if (actual === expected) return;
  throw wrongRole(expected, actual, `OFFICE_ROLE makes ${office} a ${actual}`, 'OFFICE_ROLE');
}

function wrongRole(expected: string, actual: string, why: string, setting: string): DomainError {
  const [type, hint] =
    expected === 'head'
      ? ['only-at-the-head', 'Name the head with --url']
      : ['only-at-a-branch', 'Name a branch with --url'];
  const message = `Only a ${expected} can do this, and ${why}. ${hint}, e.g. --url http://127.0.0.1:3000`;
  return new DomainError(type, message, { setting, expected, actual });
}

/** @throws DomainError `no-database` */
export async function assertDatabase({ databaseUrl }: OfficeConfig): Promise<void> {
  const { parseDatabaseUrl } = await import('../mixins/store/database-url.ts');
  const { family, target, shown } = parseDatabaseUrl(databaseUrl);
  if (family !== 'sqlite' || existsSync(target)) return;
  const message = `There is no ${shown}. Correct DATABASE_URL or OFFICE_ID, or make it with: branchline migrate`;
  throw new DomainError('no-database', message, { setting: 'DATABASE_URL' });
}
