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
  const { office, role } = config;
  const database = served.office.database;
  print(
    { office, role, url: served.url, database },
    options,
    () => `${role} ${office} at ${served.url}, ${database}`,
  );
  await runUntilStopped(async () => {
    await served.stop();
    soleUse.release();
  });
}
