import type { Command } from 'commander';
import { DATASETS } from '../domain/datasets/registry.ts';
import { officeConfig } from './config.ts';
import { type OutputOptions, print } from './output.ts';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('make the tables of the office’s database fit this program; every start does the same')
    .option('--json', 'answer in JSON')
    .action(migrate);
}

async function migrate(options: OutputOptions): Promise<void> {
  const { databaseUrl, office, role } = officeConfig();
  const [{ createStore }, { parseDatabaseUrl }] = await Promise.all([
    import('../mixins/store/create-store.ts'),
    import('../mixins/store/database-url.ts'),
  ]);
  const store = createStore({ url: databaseUrl, office, role, datasets: DATASETS });
  await store.open();
  await store.close();
  const { shown } = parseDatabaseUrl(databaseUrl);
  print({ office, role, database: shown }, options, () => `${shown} is ready for ${role} ${office}.`);
}
