// One process at a time has a branch's database on a server; those that only look change nothing in it.
import { hostname } from 'node:os';
import { sales } from '../../domain/datasets/sales.ts';
import type { DomainError } from '../../domain/errors.ts';
import { createStore } from '../../mixins/store/create-store.ts';
import type { OpenOptions, Store } from '../../mixins/store/store.ts';
import { databasesUnderTest, testDatabase, type TestPlace } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { LedgerLine } from './ledger-line.ts';
import { openRaw, type Raw } from './store-raw.ts';
import { things } from './store-fixtures.ts';

const neverTaken = (error: DomainError): void => {
  throw error;
};
const AT_ONCE: OpenOptions = { alone: { onTaken: neverTaken, patienceMs: 0 } };

const TABLES = {
  sqlite: `sqlite_master where type = 'table'`,
  postgresql: 'information_schema.tables where table_schema = current_schema()',
  mariadb: 'information_schema.tables where table_schema = database()',
  mysql: 'information_schema.tables where table_schema = database()',
};
const NAMED_LOCK = `select is_used_lock(concat('branchline process ', md5(database()))) is not null as n`;
const LOCKS = {
  postgresql:
    `select count(*) as n from pg_locks l join pg_database d on d.oid = l.database ` +
    `where d.datname = current_database() and locktype = 'advisory' and granted`,
  mariadb: NAMED_LOCK,
  mysql: NAMED_LOCK,
};

describe.each(databasesUnderTest())('a database on %s', (kind) => {
  let place: TestPlace;
  const opened: Store[] = [];
  const lines: LedgerLine[] = [];
  const raws: Raw[] = [];

  beforeEach(async () => {
    place = await testDatabase(kind);
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    for (const line of lines.splice(0)) await line.close();
    for (const raw of raws.splice(0)) await raw.close();
    await place.drop();
  });

  async function open(options?: OpenOptions, url = place.url, datasets = [sales]): Promise<Store> {
    const store = createStore({ url, office: 'west', role: 'branch', datasets });
    opened.push(store);
    await store.open(options);
    return store;
  }

  async function openedRaw(): Promise<Raw> {
    const raw = await openRaw(kind, place.url);
    raws.push(raw);
    return raw;
  }

  const tables = async (): Promise<number> => {
    const [row] = await (await openedRaw()).run(`select count(*) as n from ${TABLES[kind]}`);
    return Number(row!['n']);
  };

  describe('that is empty', () => {
    it.each(['nothing', 'update'] as const)('stays so for who may change %s', async (prepare) => {
      const error = await open({ prepare }).catch((refused: unknown) => refused);
      expect(error).toMatchObject({
        type: 'database-empty',
        message: expect.stringMatching(/DATABASE_URL.*branchline migrate/),
        data: { setting: 'DATABASE_URL' },
      });
      expect(await tables()).toBe(0);
    });
  });

  describe('of an older program', () => {
    it('is brought up to date by who may, and left alone by who only looks', async () => {
      await (await open()).close();
      const before = await tables();
      const refused = open({ prepare: 'nothing' }, place.url, [sales, things]);
      await expect(refused).rejects.toMatchObject({ type: 'database-outdated' });
      expect(await tables()).toBe(before);
      await (await open({ prepare: 'update' }, place.url, [sales, things])).close();
      const looking = await open({ prepare: 'nothing' }, place.url, [sales, things]);
      expect(await looking.read.countRows(things, { deleted: 'with' })).toBe(0);
    });
  });

  if (kind === 'sqlite') return; // who runs there is the command line's to see to: sole-use.ts

  describe('in use', () => {
    const inUse = { type: 'database-in-use', data: { holder: { pid: process.pid, host: hostname() } } };

    it('is refused to a second process, which is told by whom', async () => {
      await open(AT_ONCE);
      const error = await open(AT_ONCE).catch((refused: unknown) => refused);
      expect(error).toMatchObject(inUse);
      const { message } = error as Error;
      for (const word of ['DATABASE_URL', `process ${process.pid} on ${hostname()}`, 'since 20'])
        expect(message).toContain(word);
      expect(message).not.toContain(new URL(place.url).password || 'no password');
    });

    it('can be looked at, and shared by those who do not claim it', async () => {
      await open(AT_ONCE);
      for (const options of [{}, { prepare: 'nothing' as const }])
        expect(await (await open(options)).read.logRow()).toMatchObject({ office: 'west' });
    });

    it('is free again when it was closed, and to a second one that waits for that', async () => {
      const first = await open(AT_ONCE);
      const second = open({ alone: { onTaken: neverTaken, patienceMs: 30_000 } });
      await first.close();
      await second;
      await expect(open(AT_ONCE)).rejects.toMatchObject(inUse);
    });

    it('is taken again after the server has ended every connection', async () => {
      const first = await open(AT_ONCE);
      const raw = await openedRaw();
      const isLocked = async () => Number((await raw.run(LOCKS[kind]))[0]!['n']) > 0;
      expect(await isLocked()).toBe(true);
      await raw.killOthers();
      await first.transaction((tx) => tx.lockLog());
      await eventually(async () => expect(await isLocked()).toBe(true));
      await expect(open(AT_ONCE)).rejects.toMatchObject(inUse);
    });

    it('tells who had it, when another one took it while the line was cut', async () => {
      const line = await LedgerLine.open(place.url);
      lines.push(line);
      const taken: DomainError[] = [];
      await open({ alone: { onTaken: (error) => taken.push(error) } }, line.through(place.url));
      line.cut();
      await open({ alone: { onTaken: neverTaken, patienceMs: 30_000 } });
      expect(taken).toEqual([]);
      line.join();
      await eventually(() => expect(taken).toMatchObject([inUse]));
    });
  });
});
