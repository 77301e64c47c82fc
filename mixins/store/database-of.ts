import type { DatabaseAddress } from './database-url.ts';
import type { Database } from './sql.ts';
import { SqliteDatabase } from './sqlite/sqlite-database.ts';
import { diagnoseSqlite } from './sqlite/sqlite-trouble.ts';
import type { Diagnose } from './trouble.ts';

/** The database behind an address, not yet open. */
export function databaseOf(
  address: DatabaseAddress,
  _poolSize: number,
): { database: Database; diagnose: Diagnose } {
  switch (address.family) {
    case 'sqlite':
      return { database: new SqliteDatabase(address.target), diagnose: diagnoseSqlite };
    default:
      throw new Error(`${address.family} is not there yet`);
  }
}
