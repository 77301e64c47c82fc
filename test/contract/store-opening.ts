import { fileURLToPath } from 'node:url';
import { MikroORM } from '@mikro-orm/core';
import { ZERO_HASH } from '../../domain/chain.ts';
import { errorType } from '../../domain/errors.ts';
import { ormConfig } from '../../mikro-orm.config.ts';
import { testDatabase } from '../harness/servers.ts';
import { recorded, things, WITH } from './store-fixtures.ts';
import { openRaw } from './store-raw.ts';
import { failureOf, type StoreWorld } from './store-world.ts';

/** What a store promises when it opens its database. */
export function openingContract(world: StoreWorld): void {
  describe('opening', () => {
    logs(world);
    refusals(world);
    tables(world);

    it('finds nothing that weakens durability', async () => {
      expect(await world.store.durability()).toEqual([]);
    });

    if (world.isServer) refusalsOfServers(world);
    else refusalsOfFiles(world);
  });
}

function logs(world: StoreWorld): void {
  it('begins a log in a new database', async () => {
    expect(await world.store.read.logRow()).toEqual({
      office: 'west',
      role: 'branch',
      headOffice: '',
      tail: { epoch: 1, seq: 0, hash: ZERO_HASH },
      position: 0,
      at: '1970-01-01T00:00:00.000Z/0000',
      hold: 'none',
      paused: false,
      waiting: 0,
      session: 0,
      acked: { epoch: 1, seq: 0, hash: ZERO_HASH },
      safeSeq: 0,
      feed: { feedEpoch: 1, position: 0, hash: ZERO_HASH },
      feedEpoch: 1,
      feedForks: [],
      definitions: 0,
    });
    expect(world.store.family).toBe(world.kind);
  });

  it('finds everything again', async () => {
    const event = world.log.event({ office: 'west', seq: 1, entityId: '😀 ' }, 1);
    await world.write(async (tx) => {
      await tx.saveLog({ ...(await tx.lockLog()), position: 1 });
      await tx.insertEvents([event]);
    });
    await world.store.close();
    const again = await world.open();
    expect((await again.read.logRow()).position).toBe(1);
    expect(await again.read.eventAt(1)).toEqual(event);
  });
}

function refusals(world: StoreWorld): void {
  it.each([
    [{ office: 'east' }, /"east"/],
    [{ role: 'head' } as const, /head/],
  ])('refuses the database of another office: %o', async (changes, named) => {
    const error = await failureOf(world.open(changes));
    expect(errorType(error)).toBe('database-of-another-office');
    for (const word of [/DATABASE_URL/, /OFFICE_ID/, /OFFICE_ROLE/, /"west"/, named]) {
      expect(error.message).toMatch(word);
    }
    expect(error.data).toMatchObject({ actual: { office: 'west', role: 'branch' }, expected: changes });
  });

  it('refuses a database that a newer program has changed', async () => {
    await (await world.raw()).run(`insert into migration (name) values ('m9999-from-the-future')`);
    const error = await failureOf(world.open());
    expect(errorType(error)).toBe('database-too-new');
    expect(error.message).toContain('m9999-from-the-future');
  });
}

function tables(world: StoreWorld): void {
  it('lets many open a new database at once', async () => {
    const fresh = await testDatabase(world.kind);
    const stores = await Promise.all([1, 2, 3, 4].map(() => world.open({ url: fresh.url })));
    for (const one of stores) expect((await one.read.logRow()).position).toBe(0);
    await Promise.all(stores.map((one) => one.close()));
    await fresh.drop();
  });

  it('adds the columns of fields that a declaration has gained', async () => {
    const fresh = await testDatabase(world.kind);
    const { soldOn: _, ...older } = things.fields;
    const before = await world.open({ url: fresh.url, datasets: [{ ...things, fields: older }] });
    await before.transaction((tx) => tx.saveEntities([recorded('old', { name: 'x' })]));
    await before.close();
    const after = await world.open({ url: fresh.url });
    await after.transaction((tx) => tx.saveEntities([recorded('new', { soldOn: '2026-04-01' })]));
    const rows = await after.read.rows(things, { ...WITH, limit: 9 });
    expect(rows.map(({ entityId, values }) => [entityId, values['soldOn']])).toEqual([
      ['new', '2026-04-01'],
      ['old', null],
    ]);
    await after.close();
    await fresh.drop();
  });

  it('leaves a table alone that was there before, and says to rename it', async () => {
    const fresh = await testDatabase(world.kind);
    const raw = await openRaw(world.kind, fresh.url);
    await raw.run('create table things (colour varchar(20))');
    const error = await failureOf(world.open({ url: fresh.url }));
    expect([errorType(error), error.message]).toEqual(['invalid-dataset', expect.stringContaining('rename')]);
    expect(await raw.run('select colour from things')).toEqual([]);
    await raw.close();
    await fresh.drop();
  });

  it('has the tables that its entities describe', async () => {
    // MikroORM's MySQL driver misreads how MariaDB notes "no default"; the tables are those of mariadb://.
    const url = world.place.url.replace(/^mysql:/, 'mariadb:');
    const orm = await MikroORM.init(await ormConfig(url));
    try {
      expect(await orm.schema.getUpdateSchemaSQL({ dropTables: false })).toBe('');
      expect(await orm.migrator.getPending()).toEqual([]);
    } finally {
      await orm.close();
    }
  });
}

function refusalsOfServers(world: StoreWorld): void {
  it('says which setting is wrong when the server refuses, and never the password', async () => {
    const url = new URL(world.place.url);
    url.password = 'wrong-secret';
    const error = await failureOf(world.open({ url: url.href }));
    expect(errorType(error)).toBe('database-refused');
    expect(error.message).toContain('DATABASE_URL');
    expect(JSON.stringify([error.message, error.data])).not.toContain('wrong-secret');
  });

  it('says that a database does not exist', async () => {
    const error = await failureOf(world.open({ url: `${world.place.url}_not` }));
    expect(errorType(error)).toBe('database-refused');
  });
}

function refusalsOfFiles(world: StoreWorld): void {
  it('refuses a file that is no database', async () => {
    const error = await failureOf(world.open({ url: `sqlite:${fileURLToPath(import.meta.url)}` }));
    expect(errorType(error)).toBe('database-refused');
  });

  it('refuses a path that leads nowhere', async () => {
    const error = await failureOf(
      world.open({ url: `sqlite:${fileURLToPath(import.meta.url)}/office.sqlite` }),
    );
    expect(errorType(error)).toBe('database-refused');
  });
}
