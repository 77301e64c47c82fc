import { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import type { OfficeConfig } from '../mixins/config.ts';
import { unfitText } from '../domain/datasets/definitions.ts';
import type { OfficeStatus, SyncStatus } from '../mixins/sync/sync.ts';
import { officeConfig } from './config.ts';
import { confirm } from './confirm.ts';
import { OfficeClient } from './office-client.ts';
import { type OutputOptions, print } from './output.ts';
import { assertDatabase, assertRole, runningOffice } from './reach-office.ts';
import { takeDatabase } from './take-database.ts';

interface ClaimOptions extends OutputOptions {
  readonly url?: string;
  readonly yes?: boolean;
}

interface SyncOptions extends OutputOptions {
  readonly once?: boolean;
  readonly url?: string;
  readonly deadline?: string;
}

/** A sync that was asked for says how the link stands, and no more. */
type Shown = SyncStatus & Partial<Pick<OfficeStatus, 'unfit'>>;

/** How long to wait for the sync, and how long for a head or a broker that does not answer. */
interface Waits {
  readonly deadlineMs: number;
  readonly patienceMs: number;
}

const UNLESS_GIVEN: Waits = { deadlineMs: 600_000, patienceMs: 20_000 };
const ONLY_SHOWN = 'This is how they stand; branchline sync --once brings a branch in step now.';

export function addSync(program: Command): void {
  program
    .command('sync')
    .description('with --once: bring this branch and the head in step now; without: only show how they stand')
    .option('--once', 'send and fetch what is missing, now, and end; the office need not run')
    .option('--url <url>', 'of a running office')
    .option(
      '--deadline <seconds>',
      'with --once: wait so long, also for a line that is down; unless given, 600, and 20 for a line that is down',
    )
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExit codes: 0 done, 75 could not be completed; then it says why.')
    .action(sync)
    .addCommand(claimCommand());
}

function claimCommand(): Command {
  return new Command('claim')
    .description('make this fenced copy the office, when the other one is stopped for good')
    .option('--url <url>', 'of the fenced office; it has to run')
    .option('--yes', 'do not ask')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 it is the office now, 1 the other one is alive, 75 not decided yet.',
    )
    .action((_given: unknown, command: Command) => claim(command.optsWithGlobals<ClaimOptions>()));
}

async function sync(options: SyncOptions): Promise<void> {
  const waits = waitsOf(options);
  const status = options.once === true ? await syncOnce(options, waits) : await statusOf(options);
  print(status, options, () => (options.once === true ? textOf(status) : `${textOf(status)}\n${ONLY_SHOWN}`));
}

async function claim(options: ClaimOptions): Promise<void> {
  const client = await clientOf(options, 'Start it, and claim it then');
  const { office } = await client.get<{ office: string }>('/');
  const { state } = await client.get<SyncStatus>('/api/sync');
  // Whoever is refused anyway need not confirm it.
  if (state === 'fenced' && options.yes !== true) await confirm(office, whatClaimingMeans(office), options);
  const status = await client.post<SyncStatus>('/api/sync/claim', {});
  print(status, options, () => `${office} sells here from now on.\n${textOf(status)}`);
}

function whatClaimingMeans(office: string): string {
  return [
    `Claiming makes this copy ${office}, if the other one does not answer the head: do it when that one is stopped for good.`,
    'Should it come back while this one is connected, it is the one that is fenced; what it sold meanwhile is handed over,',
    'and nothing is lost.',
  ].join('\n');
}

function waitsOf({ deadline }: SyncOptions): Waits {
  if (deadline === undefined) return UNLESS_GIVEN;
  const seconds = Number(deadline);
  const deadlineMs = Math.ceil(seconds * 1000);
  if (seconds > 0 && seconds <= 3_600) return { deadlineMs, patienceMs: deadlineMs };
  throw new DomainError('usage', '--deadline must be a number of seconds up to 3600', { actual: deadline });
}

async function statusOf(options: SyncOptions): Promise<Shown> {
  const client = await clientOf(options, '`branchline sync --once` syncs without it');
  return client.get<Shown>('/api/sync');
}

async function clientOf({ url }: { readonly url?: string }, unless: string): Promise<OfficeClient> {
  const client = url === undefined ? await runningOffice(officeConfig()) : new OfficeClient(url);
  if (client !== null) return client;
  throw new DomainError('office-unreachable', `The office does not run. ${unless}`);
}

async function syncOnce({ url }: SyncOptions, waits: Waits): Promise<SyncStatus> {
  if (url !== undefined) return new OfficeClient(url).post('/api/sync', waits);
  const config = officeConfig();
  const running = await runningOffice(config);
  return running === null ? syncAlone(config, waits) : running.post('/api/sync', waits);
}

async function syncAlone(config: OfficeConfig, { deadlineMs, patienceMs }: Waits): Promise<SyncStatus> {
  assertRole(config, 'branch');
  await assertDatabase(config);
  const soleUse = takeDatabase({ ...config, port: null });
  const { serveOffice } = await import('./serve-office.ts');
  const alone = { ...config, port: null, transporter: null, logLevel: 'error' } as const;
  const served = await serveOffice(alone, { prepare: 'update' });
  try {
    return await served.office.branchSync().now(deadlineMs, patienceMs);
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

function textOf(status: Shown): string {
  const { state, pending, ackedSeq, lastSeq, lastContactAt, problem, quarantined, unfit = [] } = status;
  const how = `${state}: ${ackedSeq} of ${lastSeq} ${lastSeq === 1 ? 'event is' : 'events are'} safe at the head, ${pending} ${pending === 1 ? 'is' : 'are'} not yet`;
  const contact = `last contact ${lastContactAt ?? 'never'}`;
  const held = quarantined.items.map(
    ({ event, type, entityId, reason, detail }) =>
      `  ${event} (${type} of ${entityId}): ${reason}, ${detail}`,
  );
  const heldBack = `the head does not apply ${quarantined.count} of this office’s events, among them:`;
  return [
    how,
    contact,
    ...(problem === null ? [] : [`${problem.type}: ${problem.detail}`]),
    ...(quarantined.count === 0 ? [] : [heldBack, ...held]),
    ...unfit.map(unfitText),
  ].join('\n');
}
