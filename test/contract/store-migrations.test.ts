import { databasesUnderTest } from '../harness/servers.ts';
import { migrationsContract } from './store-migrations.ts';

for (const kind of databasesUnderTest()) migrationsContract(kind);
