import type { Options } from '@mikro-orm/core';
import type { MigrationObject } from '@mikro-orm/core';
import type { Family } from '../sql.ts';

type DriverClass = NonNullable<Options['driver']>;

/** Loaded when it is needed: an office uses one family, and the others are a megabyte each. */
export async function driverOf(family: Family): Promise<DriverClass> {
  switch (family) {
    case 'sqlite':
      return (await import('@mikro-orm/sql')).SqliteDriver as unknown as DriverClass;
    case 'postgresql':
      return (await import('@mikro-orm/postgresql')).PostgreSqlDriver as unknown as DriverClass;
    case 'mariadb':
      return (await import('@mikro-orm/mariadb')).MariaDbDriver as unknown as DriverClass;
    case 'mysql':
      return (await import('@mikro-orm/mysql')).MySqlDriver as unknown as DriverClass;
  }
}

export async function migrationsOf(family: Family): Promise<readonly MigrationObject[]> {
  switch (family) {
    case 'sqlite':
      return (await import('../../../migrations/sqlite/index.ts')).MIGRATIONS;
    case 'postgresql':
      return (await import('../../../migrations/postgresql/index.ts')).MIGRATIONS;
    case 'mariadb':
    case 'mysql':
      return (await import('../../../migrations/mariadb/index.ts')).MIGRATIONS;
  }
}
