import type { Command } from 'commander';
import type { OfficeConfig } from '../mixins/config.ts';
import { checkSettings, checkVersions } from '../mixins/doctor/check-settings.ts';
import { runningFindings } from '../mixins/doctor/check-office.ts';
import { type Finding, fine, problem } from '../mixins/doctor/finding.ts';
import type { OfficeStatus } from '../mixins/sync/sync.ts';
import type { Readiness } from '../services/readiness.ts';
import { environment } from './config.ts';
import { EXIT } from './exit.ts';
import type { OfficeClient } from './office-client.ts';
import { type OutputOptions, print } from './output.ts';
import { officeAt, runningOffice } from './reach-office.ts';

const MARKS = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at the configuration, the database, the broker and the clock, and say what to do')
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExit codes: 0 nothing is wrong, 1 something is.')
    .action(doctor);
}

async function doctor(options: OutputOptions): Promise<void> {
  const { config, findings: aboutSettings } = checkSettings(environment());
  const surroundings = config === null ? [] : await checkSurroundings(config);
  const findings = [checkVersions(), ...aboutSettings, ...surroundings];
  const isWell = findings.every(({ state }) => state !== 'problem');
  print({ ok: isWell, findings }, options, () => findings.map(lineOf).join('\n'));
  if (!isWell) process.exitCode = EXIT.failed;
}

async function checkSurroundings(config: OfficeConfig): Promise<Finding[]> {
  const [{ checkDatabase }, { checkBroker }, { checkGateway }, running, answering] = await Promise.all([
    import('../mixins/doctor/check-database.ts'),
    import('../mixins/doctor/check-broker.ts'),
    import('../mixins/doctor/check-port.ts'),
    runningOffice(config),
    officeAt(config),
  ]);
  const gateway = checkGateway(config, answering, running !== null);
  const database = await checkDatabase(config);
  const isMixedUp = database.some(({ check, state }) => check === 'owner' && state === 'problem');
  const others = [checkBroker(config, isMixedUp), gateway, checkSync(running)];
  return [...database, ...(await Promise.all(others)).flat()];
}

async function checkSync(client: OfficeClient | null): Promise<Finding[]> {
  if (client === null) return [fine('office', 'does not run now')];
  const readiness = await client.get<Readiness>('/health/ready').catch(() => null);
  if (readiness !== null) return runningFindings(readiness.sync);
  const sync = await client.get<OfficeStatus>('/api/sync').catch(() => null);
  const why = sync?.problem?.detail ?? 'the database cannot be used';
  return [problem('office', `runs and is not ready: ${why}`, 'See the findings about the database.')];
}

function lineOf({ check, state, detail, advice }: Finding): string {
  return `${MARKS[state]}  ${check}: ${detail}${advice === null ? '' : `\n         ${advice}`}`;
}
