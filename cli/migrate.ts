import type { Command } from 'commander';
import { officeConfig } from './config.ts';
import { type OutputOptions, print } from './output.ts';
import { takeDatabase } from './take-database.ts';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('make the tables of the office’s database fit this program; every start does the same')
    .option('--json', 'answer in JSON')
    .action(migrate);
}

/** Not under a process of a branch: it may be an older program, which would write to tables that it does not know. */
async function migrate(options: OutputOptions): Promise<void> {
  const config = officeConfig();
  const { databaseUrl, office, role } = config;
  const [{ createStore }, { loadDatasets }, { parseDatabaseUrl }] = await Promise.all([
    import('../mixins/store/create-store.ts'),
    import('../mixins/datasets/load-datasets.ts'),
    import('../mixins/store/database-url.ts'),
  ]);
  const datasets = (await loadDatasets(config.datasetsDir)).all;
  const soleUse = takeDatabase({ ...config, port: null });
  const store = createStore({ url: databaseUrl, office, role, datasets });
  await store.open(role === 'branch' ? { alone: { onTaken() {} } } : {});
  await store.close();
  soleUse.release();
  const { shown } = parseDatabaseUrl(databaseUrl);
  print({ office, role, database: shown }, options, () => `${shown} is ready for ${role} ${office}.`);
}
