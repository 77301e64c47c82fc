import type { DatabaseAddress } from './database-url.ts';
import { MysqlDatabase } from './mysql/mysql-database.ts';
import { diagnoseMysql } from './mysql/mysql-trouble.ts';
import { PostgresDatabase } from './postgresql/postgres-database.ts';
import { diagnosePostgres } from './postgresql/postgres-trouble.ts';
import type { Database } from './sql.ts';
import { SqliteDatabase } from './sqlite/sqlite-database.ts';
import { diagnoseSqlite } from './sqlite/sqlite-trouble.ts';
import type { Diagnose } from './trouble.ts';

interface Found {
  readonly database: Database;
  readonly diagnose: Diagnose;
}

/** The database behind an address, not yet open. */
export function databaseOf({ family, target }: DatabaseAddress, poolSize: number): Found {
  switch (family) {
    case 'sqlite':
      return { database: new SqliteDatabase(target), diagnose: diagnoseSqlite };
    case 'postgresql':
      return { database: new PostgresDatabase(target, poolSize), diagnose: diagnosePostgres };
    case 'mariadb':
    case 'mysql':
      return { database: new MysqlDatabase(family, target, poolSize), diagnose: diagnoseMysql };
  }
}
