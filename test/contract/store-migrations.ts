import { jest } from '@jest/globals';
import { MikroORM } from '@mikro-orm/core';
import { ZERO_HASH } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { DomainEvent } from '../../domain/event.ts';
import { idempotencyName } from '../../domain/office/event-id.ts';
import { ormConfig } from '../../mikro-orm.config.ts';
import { createStore } from '../../mixins/store/create-store.ts';
import { databaseOf } from '../../mixins/store/database-of.ts';
import { parseDatabaseUrl } from '../../mixins/store/database-url.ts';
import { StoreOrm } from '../../mixins/store/orm/orm.ts';
import { prepareSchema } from '../../mixins/store/schema.ts';
import type { Sql, SqlValue } from '../../mixins/store/sql.ts';
import { type Table, table } from '../../mixins/store/table.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { testDatabase, type TestPlace } from '../harness/servers.ts';
import { LogWriter, things } from './store-fixtures.ts';

const WEST = { office: 'west', role: 'branch' } as const;
/** As long as the server allows a statement of any other kind, and longer. */
const LONG_MS = 120_000;
/** Where changes to the schema are part of a transaction, a few kills tell as much as all; MySQL's are MariaDB's. */
const STEPS: Readonly<Record<DatabaseKind, number>> = { sqlite: 5, postgresql: 5, mariadb: 1, mysql: 4 };
const KEYED = '0b3f1a52-6c1d-8a77-9e00-4d1c7a90b512';

/** As m0001 made them. */
const OLD_EVENT = table('event', ['position'], {
  position: 'integer',
  office: 'text',
  epoch: 'integer',
  seq: 'integer',
  id: 'text',
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  by_owner: 'integer',
  status: 'text',
  size: 'integer',
  hash: 'bytes',
  bytes: 'bytes',
});
const OLD_WAITING = table('waiting', ['position'], {
  position: 'integer',
  dataset: 'text',
  scope: 'text',
  entity_id: 'text',
  status: 'text',
  reason: 'text',
  detail: 'text',
  since_ms: 'integer',
});

/** What a store promises of the tables of an older program, however often it is killed before they are as it needs them. */
export function migrationsContract(kind: DatabaseKind): void {
  const step = STEPS[kind];
  describe(`the tables of an older program on ${kind}`, () => {
    it.each([
      ['made', async () => {}, [] as (string | null)[]],
      ['brought up to date', makeOld, [idempotencyName(KEYED), null, null]],
    ])(
      'are %s by the next start, wherever a process that began it was killed',
      async (_, begin, keyed) => {
        for (let changes = 1, isKilled = true; isKilled; changes += step) {
          const place = await testDatabase(kind);
          await begin(place);
          isKilled = await killedAfter(changes, place);
          await openedOnce(place);
          expect(await keyedAt(place)).toEqual(keyed);
          expect(await whatDiffers(place)).toBe('');
          await place.drop();
        }
      },
      300_000,
    );

    it('are brought up to date however large the log is', async () => {
      const place = await testDatabase(kind);
      await makeOld(place, 10_500);
      await openedOnce(place);
      const keyed = await keyedAt(place);
      expect(keyed).toHaveLength(10_503);
      expect(keyed.filter((name) => name !== null)).toHaveLength(10_501);
      await place.drop();
    }, 120_000);

    if (kind !== 'sqlite') takesItsTime(kind);
  });
}

function takesItsTime(kind: DatabaseKind): void {
  it('may take as long to change as they need', async () => {
    const place = await testDatabase(kind);
    await exclusively(place, async (sql) => {
      jest.useFakeTimers({
        doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'],
      });
      const slow = sql.script(kind === 'postgresql' ? 'select pg_sleep(0.2)' : 'select sleep(0.2)');
      await Promise.resolve(); // it is on its way
      jest.advanceTimersByTime(LONG_MS);
      jest.useRealTimers();
      await slow;
    });
    await place.drop();
  });
}

async function exclusively<T>(place: TestPlace, work: (sql: Sql, orm: StoreOrm) => Promise<T>): Promise<T> {
  const address = parseDatabaseUrl(place.url);
  const { database } = databaseOf(address, 2);
  const orm = new StoreOrm(address.family);
  await database.open();
  await orm.init(address.databaseName);
  try {
    return await database.exclusive((sql) => {
      orm.use(sql);
      return work(sql, orm);
    });
  } finally {
    await orm.close();
    await database.close();
  }
}

/** Whether it was, before everything was done. */
async function killedAfter(changes: number, place: TestPlace): Promise<boolean> {
  let isKilled = false;
  const preparing = exclusively(place, (sql, orm) => {
    const mortal = dyingAfter(changes, sql, () => (isKilled = true));
    orm.use(mortal);
    return prepareSchema(mortal, orm, WEST);
  });
  await preparing.catch((error: unknown) => {
    if (!isKilled) throw error;
  });
  return isKilled;
}

/** Its process is killed after so many statements that change something. */
function dyingAfter(changes: number, sql: Sql, onKill: () => void): Sql {
  let left = changes;
  return {
    family: sql.family,
    all: (text, values) => sql.all(text, values),
    run: (text, values) => sql.run(text, values),
    insert: (into, rows) => sql.insert(into, rows),
    upsert: (into, rows) => sql.upsert(into, rows),
    find: (lookup, keys) => sql.find(lookup, keys),
    runByKey: (text, key, keys) => sql.runByKey(text, key, keys),
    script: async (text) => {
      const result = await sql.script(text);
      if (/^\s*select/i.test(text)) return result;
      left -= 1;
      if (left > 0) return result;
      onKill();
      throw new Error('killed');
    },
  };
}

const OLD_LOG =
  'insert into log (id, office, role, tail_epoch, tail_seq, tail_hash, position, at, hold, paused, waiting, session, ' +
  'acked_epoch, acked_seq, acked_hash, safe_seq, feed_epoch, feed_position, feed_hash, own_feed_epoch, feed_forks, head_office) ' +
  `values (1, ?, ?, 1, 0, ?, 0, '1970-01-01T00:00:00.000Z/0000', 'none', false, 0, 0, 1, 0, ?, 0, 1, 0, ?, 1, '[]', '')`;

/** A branch as the program before m0004 left it: three events, one of them waiting, and one displaced. */
async function makeOld(place: TestPlace, more = 0): Promise<void> {
  const log = new LogWriter();
  const event = (position: number, changes: Partial<DomainEvent>): SqlValue[] => {
    const { event: made, bytes, hash } = log.event({ office: 'west', seq: position, ...changes }, position);
    const { office, epoch, seq, id, dataset, scope, entityId } = made;
    return [
      position,
      office,
      epoch,
      seq,
      id,
      dataset,
      scope,
      entityId,
      1,
      'applied',
      bytes.length,
      hash,
      bytes,
    ];
  };
  const events = [
    event(1, { id: KEYED }),
    event(2, {}),
    event(3, { office: 'head', id: KEYED, scope: 'head' }),
    ...Array.from({ length: more }, (_, index) => event(index + 5, { id: KEYED })),
  ];
  await exclusively(place, async (sql, orm) => {
    await orm.orm.migrator.up({ to: 'm0003-cases-of-scope' });
    await sql.run(OLD_LOG, [WEST.office, WEST.role, ZERO_HASH, ZERO_HASH, ZERO_HASH]);
    await sql.insert(OLD_EVENT, events);
    await sql.insert(displaced(OLD_EVENT), [event(4, { id: KEYED })]);
    await sql.insert(OLD_WAITING, [[3, 'things', 'head', 'thing-3', 'parked', 'cause-missing', '', 0]]);
  });
}

function displaced(of: Table): Table {
  return { ...of, name: 'displaced_event' };
}

/** By a store, as an office does it. */
async function openedOnce(place: TestPlace): Promise<void> {
  const store = createStore({ url: place.url, ...WEST, datasets: [things, sales] });
  try {
    await store.open();
    expect((await store.read.logRow()).office).toBe(WEST.office);
    for (const { office } of await store.read.waiting(0, 9)) expect(office).toBe('head');
    if ((await store.read.displaced()).length > 0)
      expect(await store.read.ownKeyed([idempotencyName(KEYED)])).not.toEqual([]);
  } finally {
    await store.close();
  }
}

async function keyedAt(place: TestPlace): Promise<(string | null)[]> {
  const rows = await exclusively(place, (sql) => sql.all('select keyed from event order by position'));
  return rows.map(({ keyed }) => keyed as string | null);
}

/** From what the entities describe. */
async function whatDiffers(place: TestPlace): Promise<string> {
  // MikroORM's MySQL driver misreads how MariaDB notes "no default"; the tables are those of mariadb://.
  const orm = await MikroORM.init(await ormConfig(place.url.replace(/^mysql:/, 'mariadb:')));
  try {
    return await orm.schema.getUpdateSchemaSQL({ dropTables: false });
  } finally {
    await orm.close();
  }
}
