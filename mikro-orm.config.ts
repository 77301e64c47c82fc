// For MikroORM's own tools (schema, migrations). The program itself makes its stores with mixins/store/create-store.ts,
// which uses the same entities and migrations.
import type { Options } from '@mikro-orm/core';
import { NodeSqliteDialect } from '@mikro-orm/sql';
import { parseDatabaseUrl } from './mixins/store/database-url.ts';
import { ormOptions } from './mixins/store/orm/orm.ts';

export async function ormConfig(url: string): Promise<Partial<Options>> {
  const { family, target, databaseName } = parseDatabaseUrl(url);
  const connection =
    family === 'sqlite' ? { driverOptions: new NodeSqliteDialect(target) } : { clientUrl: target };
  return { ...(await ormOptions(family)), ...connection, dbName: databaseName };
}

export default (): Promise<Partial<Options>> =>
  ormConfig(process.env['DATABASE_URL'] ?? 'sqlite:data/office.sqlite');
