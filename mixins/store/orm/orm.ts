import { type EntityManager, MikroORM, type Options } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import type { Family, Sql } from '../sql.ts';
import { bridgeDialect, bridgeTransaction } from './bridge.ts';
import { type Entities, entitiesOf } from './entities.ts';
import { driverOf, migrationsOf } from './families.ts';

/** MikroORM on the store's connections: for migrations, and for ordinary reads. */
export class StoreOrm {
  readonly entities: Entities;
  readonly #family: Family;
  #orm: MikroORM | null = null;
  /** Where MikroORM's queries go: the connection that changes the schema at first, those that read afterwards. */
  #sql: Sql | null = null;

  constructor(family: Family) {
    this.#family = family;
    this.entities = entitiesOf(family);
  }

  async init(databaseName: string): Promise<void> {
    const source = (): Sql => {
      if (this.#sql === null) throw new Error('The store is not open');
      return this.#sql;
    };
    this.#orm = await MikroORM.init({
      ...(await ormOptions(this.#family, this.entities)),
      dbName: databaseName,
      driverOptions: bridgeDialect(this.#family, source),
    });
  }

  use(sql: Sql): void {
    this.#sql = sql;
  }

  get orm(): MikroORM {
    if (this.#orm === null) throw new Error('The store is not open');
    return this.#orm;
  }

  /** For one read, or for those of one transaction. Keeps no entities: a store's rows change under it. */
  entityManager(transaction: Sql | null): EntityManager {
    const em = this.orm.em.fork({ disableTransactions: true });
    if (transaction) em.setTransactionContext(bridgeTransaction(this.#family, transaction));
    return em;
  }

  async close(): Promise<void> {
    await this.#orm?.close();
    this.#orm = null;
  }
}

/** What the store and MikroORM's own tools have in common. */
export async function ormOptions(
  family: Family,
  entities: Entities = entitiesOf(family),
): Promise<Partial<Options>> {
  return {
    driver: await driverOf(family),
    entities: Object.values(entities),
    extensions: [Migrator],
    debug: false,
    ensureDatabase: false,
    migrations: {
      tableName: 'migration',
      path: `migrations/${family === 'mysql' ? 'mariadb' : family}`,
      migrationsList: [...(await migrationsOf(family))],
      transactional: false,
      disableForeignKeys: false,
      snapshot: false,
      silent: true,
    },
    schemaGenerator: { disableForeignKeys: false },
  };
}
