import type { Command } from 'commander';
import { officeConfig } from './config.ts';
import { type OutputOptions, print } from './output.ts';
import { runUntilStopped } from './run-until-stopped.ts';
import { takeDatabase } from './take-database.ts';

export function addStart(program: Command): void {
  program
    .command('start')
    .description('run the office that the environment describes, until it is stopped')
    .option('--json', 'say where it listens as JSON')
    .action(start);
}

async function start(options: OutputOptions): Promise<void> {
  const config = officeConfig();
  const soleUse = takeDatabase(config);
  const { serveOffice } = await import('./serve-office.ts');
  const served = await serveOffice(config);
  const failed = new Promise<Error>((resolve) => served.office.onFailed(resolve));
  const stop = async () => {
    await served.stop();
    soleUse.release();
  };
  const ended = runUntilStopped(stop, { failed, json: options.json === true });
  const { office, role } = config;
  const { url } = served;
  const { database } = served.office;
  print({ office, role, url, database }, options, () => `${role} ${office} at ${url}, ${database}`);
  await ended;
}
