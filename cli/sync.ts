import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import type { OfficeConfig } from '../mixins/config.ts';
import type { SyncStatus } from '../mixins/sync/sync.ts';
import { officeConfig } from './config.ts';
import { OfficeClient } from './office-client.ts';
import { type OutputOptions, print } from './output.ts';
import { assertDatabase, assertRole, runningOffice } from './reach-office.ts';
import { takeDatabase } from './take-database.ts';

interface SyncOptions extends OutputOptions {
  readonly once?: boolean;
  readonly url?: string;
  readonly deadline: string;
}

const ONLY_SHOWN = 'This is how they stand; branchline sync --once brings a branch in step now.';

export function addSync(program: Command): void {
  program
    .command('sync')
    .description('with --once: bring this branch and the head in step now; without: only show how they stand')
    .option('--once', 'send and fetch what is missing, now, and end; the office need not run')
    .option('--url <url>', 'of a running office')
    .option('--deadline <seconds>', 'with --once: give up after so long', '600')
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExit codes: 0 done, 75 could not be completed; then it says why.')
    .action(sync);
}

async function sync(options: SyncOptions): Promise<void> {
  const deadlineMs = deadlineOf(options);
  const status = options.once === true ? await syncOnce(options, deadlineMs) : await statusOf(options);
  print(status, options, () => (options.once === true ? textOf(status) : `${textOf(status)}\n${ONLY_SHOWN}`));
}

function deadlineOf({ deadline }: SyncOptions): number {
  const seconds = Number(deadline);
  if (seconds > 0 && seconds <= 3_600) return Math.ceil(seconds * 1000);
  throw new DomainError('usage', '--deadline must be a number of seconds up to 3600', { actual: deadline });
}

async function statusOf({ url }: SyncOptions): Promise<SyncStatus> {
  const client = url === undefined ? await runningOffice(officeConfig()) : new OfficeClient(url);
  if (client !== null) return client.get<SyncStatus>('/api/sync');
  throw new DomainError(
    'office-unreachable',
    'The office does not run; `branchline sync --once` syncs without it',
  );
}

async function syncOnce({ url }: SyncOptions, deadlineMs: number): Promise<SyncStatus> {
  if (url !== undefined) return new OfficeClient(url).post('/api/sync', { deadlineMs });
  const config = officeConfig();
  const running = await runningOffice(config);
  return running === null ? syncAlone(config, deadlineMs) : running.post('/api/sync', { deadlineMs });
}

async function syncAlone(config: OfficeConfig, deadlineMs: number): Promise<SyncStatus> {
  assertRole(config, 'branch');
  await assertDatabase(config);
  const soleUse = takeDatabase({ ...config, port: null });
  const { serveOffice } = await import('./serve-office.ts');
  const alone = { ...config, port: null, transporter: null, logLevel: 'error' } as const;
  const served = await serveOffice(alone, { prepare: 'update' });
  try {
    return await served.office.branchSync().now(deadlineMs);
  } catch (error) {
    throw tryAgainLater(error);
  } finally {
    await served.stop();
    soleUse.release();
  }
}

/** A database that is away keeps this from being done just as a link that is down does. */
function tryAgainLater(error: unknown): unknown {
  if (!(error instanceof DomainError) || error.type !== 'database-unavailable') return error;
  return new DomainError('sync-incomplete', error.message, error.data);
}

function textOf({ state, pending, ackedSeq, lastSeq, lastContactAt, problem }: SyncStatus): string {
  const how = `${state}: ${ackedSeq} of ${lastSeq} events are safe at the head, ${pending} are not yet`;
  const contact = `last contact ${lastContactAt ?? 'never'}`;
  return [how, contact, ...(problem === null ? [] : [`${problem.type}: ${problem.detail}`])].join('\n');
}
