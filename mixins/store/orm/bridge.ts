import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Family, Sql } from '../sql.ts';

/**
 * Lets MikroORM ask through the store's own connections, so that there is one pool, one set of connection
 * settings, and one writer. Transactions belong to the store: MikroORM only ever joins one, or reads.
 */
export function bridgeDialect(family: Family, sql: () => Sql): Dialect {
  const parts = PARTS[family];
  return {
    createAdapter: () => new parts.Adapter(),
    createIntrospector: (db) => new parts.Introspector(db),
    createQueryCompiler: () => new parts.Compiler(),
    createDriver: () => bridgeDriver(sql),
  };
}

const POSTGRES = {
  Adapter: PostgresAdapter,
  Introspector: PostgresIntrospector,
  Compiler: PostgresQueryCompiler,
};
const MYSQL = { Adapter: MysqlAdapter, Introspector: MysqlIntrospector, Compiler: MysqlQueryCompiler };
const PARTS = {
  sqlite: { Adapter: SqliteAdapter, Introspector: SqliteIntrospector, Compiler: SqliteQueryCompiler },
  postgresql: POSTGRES,
  mariadb: MYSQL,
  mysql: MYSQL,
};

function bridgeDriver(sql: () => Sql): Driver {
  const ownTransactions = async (): Promise<never> => {
    throw new Error('Transactions belong to the store: use Store.transaction');
  };
  return {
    init: async () => {},
    acquireConnection: async () => connectionOf(sql()),
    beginTransaction: ownTransactions,
    commitTransaction: ownTransactions,
    rollbackTransaction: ownTransactions,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
}

function connectionOf(sql: Sql): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changed } = await sql.script(query.sql);
      return { rows: rows as R[], numAffectedRows: BigInt(changed) };
    },
    async *streamQuery() {
      throw new Error('Streams are not used');
    },
  };
}

/** A Kysely on the one connection of a transaction: what MikroORM takes for a transaction under way. */
export function bridgeTransaction(family: Family, sql: Sql): Kysely<unknown> {
  return new Kysely<unknown>({ dialect: bridgeDialect(family, () => sql) });
}
