import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MikroORM } from '@mikro-orm/core';
import { ZERO_HASH } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { errorType } from '../../domain/errors.ts';
import { ormConfig } from '../../mikro-orm.config.ts';
import { createStore, type StoreOptions } from '../../mixins/store/create-store.ts';
import type { LogRow, Store, StoreTx } from '../../mixins/store/store.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { type TestPlace, testDatabase } from '../harness/servers.ts';
import {
  conflictCase,
  HOSTILE_TEXTS,
  LogWriter,
  NO_VALUES,
  officeRow,
  readable,
  recorded,
  things,
  waitingRow,
} from './store-fixtures.ts';
import { openRaw, type Raw } from './store-raw.ts';
import { TcpProxy } from './tcp-proxy.ts';

const PLENTY = { count: 1000, bytes: 1e9 };
const WITH = { deleted: 'with' } as const;
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** What `promise` is rejected with; fails when it is not. */
async function failureOf(promise: Promise<unknown>): Promise<Error & { data?: Record<string, unknown> }> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome === null) throw new Error('it did not fail');
  return outcome as Error & { data?: Record<string, unknown> };
}

/** What a store promises, whatever the database. */
/** Made of digits, since sequences are MariaDB's and long recursions need a setting. */
const DIGITS = `(select 0 d union all select 1 union all select 2 union all select 3 union all select 4 union all
  select 5 union all select 6 union all select 7 union all select 8 union all select 9)`;
const MILLION_ON_MYSQL = `
  insert into things (scope, entity_id, entity_state, amount, count, created_at, updated_at, conflicted)
  select 'west', concat('m', n), '', (case when n % 3 = 0 then -1 else 1 end) * (99999999999999.9999 - n * 0.7919),
    9007199254740991 - n, now(), now(), 0
  from (select a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d as n
    from ${['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${DIGITS} ${name}`).join(' cross join ')}) s`;

export function storeContract(kind: DatabaseKind): void {
  const isServer = kind !== 'sqlite';

  describe(`a store on ${kind}`, () => {
    let place: TestPlace;
    let store: Store;
    let log: LogWriter;
    const opened: Store[] = [];
    const raws: Raw[] = [];

    const optionsOf = (changes: Partial<StoreOptions> = {}): StoreOptions => ({
      url: place.url,
      office: 'west',
      role: 'branch',
      datasets: [things, sales],
      ...changes,
    });
    const open = async (changes: Partial<StoreOptions> = {}): Promise<Store> => {
      const another = createStore(optionsOf(changes));
      opened.push(another);
      await another.open();
      return another;
    };
    const raw = async (): Promise<Raw> => {
      const one = await openRaw(kind, place.url);
      raws.push(one);
      return one;
    };
    const write = <T>(work: (tx: StoreTx) => Promise<T>): Promise<T> => store.transaction(work);

    beforeEach(async () => {
      place = await testDatabase(kind);
      log = new LogWriter();
      store = await open();
    });
    afterEach(async () => {
      for (const one of raws.splice(0)) await one.close();
      for (const one of opened.splice(0)) await one.close();
      await place.drop();
    });

    describe('opening', () => {
      it('begins a log in a new database', async () => {
        expect(await store.read.logRow()).toEqual({
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
        });
        expect(store.family).toBe(kind);
      });

      it('finds everything again', async () => {
        const event = log.event({ office: 'west', seq: 1, entityId: '😀 ' }, 1);
        await write(async (tx) => {
          await tx.saveLog({ ...(await tx.lockLog()), position: 1 });
          await tx.insertEvents([event]);
        });
        await store.close();
        const again = await open();
        expect((await again.read.logRow()).position).toBe(1);
        expect(await again.read.eventAt(1)).toEqual(event);
      });

      it.each([
        [{ office: 'east' }, /"east"/],
        [{ role: 'head' } as const, /head/],
      ])('refuses the database of another office: %o', async (changes, named) => {
        const error = await failureOf(open(changes));
        expect(errorType(error)).toBe('database-of-another-office');
        for (const word of [/DATABASE_URL/, /OFFICE_ID/, /OFFICE_ROLE/, /"west"/, named]) {
          expect(error.message).toMatch(word);
        }
        expect(error.data).toMatchObject({ actual: { office: 'west', role: 'branch' }, expected: changes });
      });

      it('refuses a database that a newer program has changed', async () => {
        await (await raw()).run(`insert into migration (name) values ('m9999-from-the-future')`);
        const error = await failureOf(open());
        expect(errorType(error)).toBe('database-too-new');
        expect(error.message).toContain('m9999-from-the-future');
      });

      it('lets many open a new database at once', async () => {
        const fresh = await testDatabase(kind);
        const stores = await Promise.all([1, 2, 3, 4].map(() => open({ url: fresh.url })));
        for (const one of stores) expect((await one.read.logRow()).position).toBe(0);
        await Promise.all(stores.map((one) => one.close()));
        await fresh.drop();
      });

      it('adds the columns of fields that a declaration has gained', async () => {
        const fresh = await testDatabase(kind);
        const { soldOn: _, ...older } = things.fields;
        const before = await open({ url: fresh.url, datasets: [{ ...things, fields: older }] });
        await before.transaction((tx) => tx.saveEntities([recorded('old', { name: 'x' })]));
        await before.close();
        const after = await open({ url: fresh.url });
        await after.transaction((tx) => tx.saveEntities([recorded('new', { soldOn: '2026-04-01' })]));
        const rows = await after.read.rows(things, { ...WITH, limit: 9 });
        expect(rows.map(({ entityId, values }) => [entityId, values['soldOn']])).toEqual([
          ['new', '2026-04-01'],
          ['old', null],
        ]);
        await after.close();
        await fresh.drop();
      });

      it('has the tables that its entities describe', async () => {
        // MikroORM's MySQL driver misreads how MariaDB notes "no default"; the tables are those of mariadb://.
        const url = place.url.replace(/^mysql:/, 'mariadb:');
        const orm = await MikroORM.init(await ormConfig(url));
        try {
          expect(await orm.schema.getUpdateSchemaSQL({ dropTables: false })).toBe('');
          expect(await orm.migrator.getPending()).toEqual([]);
        } finally {
          await orm.close();
        }
      });

      it('finds nothing that weakens durability', async () => {
        expect(await store.durability()).toEqual([]);
      });

      if (isServer) {
        it('says which setting is wrong when the server refuses, and never the password', async () => {
          const url = new URL(place.url);
          url.password = 'wrong-secret';
          const error = await failureOf(open({ url: url.href }));
          expect(errorType(error)).toBe('database-refused');
          expect(error.message).toContain('DATABASE_URL');
          expect(JSON.stringify([error.message, error.data])).not.toContain('wrong-secret');
        });

        it('says that a database does not exist', async () => {
          const error = await failureOf(open({ url: `${place.url}_not` }));
          expect(errorType(error)).toBe('database-refused');
        });
      } else {
        it('refuses a file that is no database', async () => {
          const error = await failureOf(open({ url: `sqlite:${fileURLToPath(import.meta.url)}` }));
          expect(errorType(error)).toBe('database-refused');
        });

        it('refuses a path that leads nowhere', async () => {
          const error = await failureOf(
            open({ url: `sqlite:${fileURLToPath(import.meta.url)}/office.sqlite` }),
          );
          expect(errorType(error)).toBe('database-refused');
        });
      }
    });

    describe('the log row', () => {
      const changed: LogRow = {
        office: 'west',
        role: 'branch',
        headOffice: 'main',
        tail: { epoch: 2, seq: Number.MAX_SAFE_INTEGER, hash: hash(255) },
        position: Number.MAX_SAFE_INTEGER - 1,
        at: '9999-12-31T23:59:59.999Z/ffff',
        hold: 'fenced',
        paused: true,
        waiting: 3,
        session: 4,
        acked: { epoch: 1, seq: 5, hash: hash(1) },
        safeSeq: 6,
        feed: { feedEpoch: 7, position: 8, hash: hash(2) },
        feedEpoch: 9,
        feedForks: [
          { feedEpoch: 2, position: 10 },
          { feedEpoch: 9, position: 11 },
        ],
      };

      it('is kept as it was saved', async () => {
        await write(async (tx) => {
          await tx.lockLog();
          await tx.saveLog(changed);
          expect(await tx.logRow()).toEqual(changed);
        });
        expect(await store.read.logRow()).toEqual(changed);
      });

      it('is seen by others only when it is committed', async () => {
        await write(async (tx) => {
          await tx.lockLog();
          await tx.saveLog(changed);
          expect((await store.read.logRow()).position).toBe(0);
        });
        expect((await store.read.logRow()).position).toBe(changed.position);
      });
    });

    describe('offices', () => {
      it('are kept and replaced, in order of id', async () => {
        const [east, west] = [
          officeRow('east'),
          officeRow('west', { instance: '', sessionConfirmed: false }),
        ];
        await write((tx) => tx.saveOffices([west, east]));
        expect(await store.read.offices()).toEqual([east, west]);
        const retired = officeRow('east', { status: 'retired', subscribe: 'all', name: 'x'.repeat(5000) });
        await write((tx) => tx.saveOffices([retired]));
        expect(await store.read.offices()).toEqual([retired, west]);
        expect(await store.read.office('east')).toEqual(retired);
      });

      it('are locked in order of id, unknown ones left out', async () => {
        await write((tx) => tx.saveOffices([officeRow('west'), officeRow('east')]));
        const locked = await write((tx) => tx.lockOffices(['west', 'nowhere', 'east', 'west']));
        expect(locked).toEqual([officeRow('east'), officeRow('west')]);
        expect(await write((tx) => tx.lockOffices([]))).toEqual([]);
      });

      it.each(['nowhere', '', `' or 1 = 1 --`, 'WEST', 'west '])('finds no office "%s"', async (id) => {
        await write((tx) => tx.saveOffices([officeRow('west')]));
        expect(await store.read.office(id)).toBeNull();
        expect(await write((tx) => tx.lockOffices([id]))).toEqual([]);
      });
    });

    describe('events', () => {
      /** west 1..3 and the head's, interleaved; epoch 2 of the head begins at a seq that epoch 1 had used. */
      const scenery = () => [
        log.event({ office: 'west', seq: 1 }, 1),
        log.event({ office: 'head', seq: 1, scope: 'shared' }, 2),
        log.event({ office: 'west', seq: 2 }, 3),
        log.event({ office: 'head', seq: 2, scope: 'west', entityId: 'thing-1' }, 4),
        log.event({ office: 'head', seq: 2, epoch: 2, scope: 'east' }, 5),
        log.event({ office: 'west', seq: 3, scope: 'shared' }, 6),
        log.event({ office: 'east', seq: 1 }, 7),
        log.event({ office: 'head', seq: 3, epoch: 2, scope: 'shared' }, 8),
      ];
      const positions = (rows: { position: number }[]) => rows.map(({ position }) => position);

      it('come back as the bytes they were, whatever they hold', async () => {
        const rows = [...HOSTILE_TEXTS, 'x'.repeat(1_000_000), '😀'.repeat(250_000)].map((text, index) =>
          log.event(
            { office: 'west', seq: index + 1, data: { name: text, [text.slice(0, 50)]: [text] } },
            index + 1,
          ),
        );
        await write((tx) => tx.insertEvents(rows));
        expect(readable(await store.read.eventsByPosition(0, PLENTY))).toEqual(readable(rows));
        expect(readable(await store.read.eventsBySeq('west', 0, PLENTY))).toEqual(readable(rows));
      });

      it('tell keys apart that differ only in case, in a trailing blank or in composition', async () => {
        const ids = ['a', 'A', 'a ', 'a  ', 'ä', 'a\u0308', 'ａ', 'ss', 'ß'];
        const rows = ids.map((entityId, index) =>
          log.event({ office: 'west', seq: index + 1, entityId }, index + 1),
        );
        await write((tx) => tx.insertEvents(rows));
        for (const [index, entityId] of ids.entries()) {
          const found = await store.read.eventsOfEntity({ dataset: 'things', scope: 'west', entityId });
          expect(found).toEqual([rows[index]]);
        }
        const keys = ids.slice(1).map((entityId) => ({ dataset: 'things', scope: 'west', entityId }));
        expect(await store.read.eventsOfEntities([...keys, ...keys].reverse())).toEqual(rows.slice(1));
        expect(await store.read.eventsOfEntities([])).toEqual([]);
      });

      it('are found by author, in order of seq', async () => {
        await write((tx) => tx.insertEvents(scenery()));
        expect(positions(await store.read.eventsBySeq('west', 0, PLENTY))).toEqual([1, 3, 6]);
        expect(positions(await store.read.eventsBySeq('west', 1, { ...PLENTY, count: 1 }))).toEqual([3]);
        expect(positions(await store.read.eventsBySeq('head', 1, PLENTY))).toEqual([4, 5, 8]);
        expect(await store.read.eventsBySeq('nowhere', 0, PLENTY)).toEqual([]);
      });

      it('are read up to a number of bytes, and one at least', async () => {
        const rows = [1, 2, 3, 4].map((seq) =>
          log.event({ office: 'west', seq, data: { name: 'x'.repeat(seq === 3 ? 5000 : 100) } }, seq),
        );
        await write((tx) => tx.insertEvents(rows));
        const bytes = rows[0]!.bytes.length + rows[1]!.bytes.length;
        const read = (limit: number) => store.read.eventsBySeq('west', 0, { count: 10, bytes: limit });
        expect(positions(await read(0))).toEqual([1]);
        expect(positions(await read(bytes))).toEqual([1, 2]);
        expect(positions(await read(bytes + 1))).toEqual([1, 2, 3]);
        expect(positions(await store.read.eventsByPosition(2, { count: 10, bytes: 1 }))).toEqual([3]);
      });

      it.each([
        [{}, [1, 2, 3, 4, 5, 6, 7, 8]],
        [{ author: 'head' }, [2, 4, 5, 8]],
        [{ notAuthor: 'west' }, [2, 4, 5, 7, 8]],
        [{ scopes: ['west'] }, [1, 3, 4]],
        [{ scopes: ['west', 'shared'] }, [1, 2, 3, 4, 6, 8]],
        [{ scopes: ['shared', 'west', 'shared'], notAuthor: 'west' }, [2, 4, 8]],
        [{ scopes: ['west', 'shared'], author: 'west' }, [1, 3, 6]],
        [{ scopes: ['west', 'east'], author: 'head', notAuthor: 'east' }, [4, 5]],
        [{ author: 'west', notAuthor: 'west' }, []],
        [{ scopes: [] }, []],
        [{ scopes: ['nowhere'] }, []],
        [{ author: `' or 1 = 1` }, []],
      ])('are found by position: %o', async (only, expected) => {
        await write((tx) => tx.insertEvents(scenery()));
        expect(positions(await store.read.eventsByPosition(0, PLENTY, only))).toEqual(expected);
        for (let upTo = 0; upTo <= 9; upTo++) {
          const after = expected.filter((position) => position > upTo);
          const next = await store.read.eventsByPosition(upTo, { count: 2, bytes: 1e6 }, only);
          expect(positions(next)).toEqual(after.slice(0, 2));
          const before = expected.filter((position) => position <= upTo).at(-1) ?? 0;
          expect(await store.read.lastPosition(only, upTo)).toBe(before);
        }
        expect(await store.read.lastPosition(only)).toBe(expected.at(-1) ?? 0);
      });

      it('are found one by one', async () => {
        const rows = scenery();
        await write((tx) => tx.insertEvents(rows));
        expect(await store.read.eventAt(4)).toEqual(rows[3]);
        expect(await store.read.eventAt(9)).toBeNull();
        expect(positions(await store.read.eventsAt([6, 9, 2, 6]))).toEqual([2, 6]);
        expect(await store.read.eventsAt([])).toEqual([]);
        expect(await store.read.pointAt('west', 2)).toEqual({ epoch: 1, seq: 2, hash: rows[2]!.hash });
        expect(await store.read.pointAt('head', 2)).toEqual({ epoch: 2, seq: 2, hash: rows[4]!.hash });
        expect(await store.read.pointAt('west', 4)).toBeNull();
        const dots = [
          { office: 'head', epoch: 2, seq: 2 },
          { office: 'west', epoch: 1, seq: 1 },
          { office: 'west', epoch: 1, seq: 1 },
          { office: 'west', epoch: 2, seq: 1 },
        ];
        expect(positions(await store.read.eventsByDots(dots))).toEqual([1, 5]);
        expect(await store.read.eventsByDots([])).toEqual([]);
      });

      it('are found by id, and by the first half of it', async () => {
        const rows = scenery();
        await write((tx) => tx.insertEvents(rows));
        const [first, third] = [rows[0]!.event.id, rows[2]!.event.id];
        expect(positions(await store.read.eventsByIds('west', [third, 'no', first, first]))).toEqual([1, 3]);
        expect(await store.read.eventsByIds('east', [first])).toEqual([]);
        const many = Array.from({ length: 600 }, (_, index) => `no-${index}`);
        expect(positions(await store.read.eventsByIds('west', [...many, first]))).toEqual([1]);
        const prefixes = await store.read.eventsByIdPrefixes('west', [
          first.slice(0, 18),
          'ffffffff-ffff-7fff',
          '%',
        ]);
        expect(positions(prefixes)).toEqual([1, 3, 6]);
        expect(await store.read.eventsByIdPrefixes('west', [])).toEqual([]);
      });

      it('are sampled from the newest back to the first', async () => {
        const rows = Array.from({ length: 40 }, (_, index) =>
          log.event({ office: 'head', seq: index + 1 }, index + 1),
        );
        await write((tx) => tx.insertEvents(rows));
        expect(positions(await store.read.tipsOf('head', 32))).toEqual([40, 39, 38, 36, 32, 24, 8, 1]);
        expect(positions(await store.read.tipsOf('head', 3))).toEqual([40, 39, 1]);
        expect(positions(await store.read.tipsOf('head', 1))).toEqual([40]);
        expect(await store.read.tipsOf('west', 32)).toEqual([]);
      });

      it('begin their samples with the highest position, whatever its seq', async () => {
        await write((tx) =>
          tx.insertEvents([
            log.event({ office: 'head', seq: 1 }, 1),
            log.event({ office: 'head', seq: 9 }, 2),
            log.event({ office: 'head', seq: 5, epoch: 2 }, 3),
          ]),
        );
        expect(positions(await store.read.tipsOf('head', 32))[0]).toBe(3);
        expect(positions(await store.read.tipsOf('head', 32)).at(-1)).toBe(1);
      });

      it('change their status', async () => {
        await write(async (tx) => {
          await tx.insertEvents(scenery());
          await tx.setEventStatus([2, 4, 99], 'parked');
          await tx.setEventStatus([], 'quarantined');
        });
        const statuses = (await store.read.eventsByPosition(0, { ...PLENTY, count: 4 })).map(
          ({ status }) => status,
        );
        expect(statuses).toEqual(['applied', 'parked', 'applied', 'parked']);
      });

      it('cannot be inserted twice', async () => {
        await write((tx) => tx.insertEvents(scenery()));
        await expect(
          write((tx) => tx.insertEvents([log.event({ office: 'new', seq: 1 }, 1)])),
        ).rejects.toThrow();
        await expect(
          write((tx) => tx.insertEvents([log.event({ office: 'west', seq: 1 }, 99)])),
        ).rejects.toThrow();
        expect((await store.read.eventsByPosition(0, PLENTY)).length).toBe(8);
      });

      it('are displaced with what waits, and are then in no other answer', async () => {
        const rows = scenery();
        await write(async (tx) => {
          await tx.insertEvents(rows);
          await tx.insertWaiting([waitingRow(1, 'a'), waitingRow(3, 'b'), waitingRow(7, 'c')]);
          await tx.displaceAfter('west', 1);
        });
        expect(await store.read.displaced()).toEqual([rows[2], rows[5]]);
        expect(positions(await store.read.eventsByPosition(0, PLENTY))).toEqual([1, 2, 4, 5, 7, 8]);
        expect(positions(await store.read.eventsBySeq('west', 0, PLENTY))).toEqual([1]);
        expect(await store.read.eventAt(3)).toBeNull();
        expect(await store.read.pointAt('west', 2)).toBeNull();
        expect(await store.read.lastPosition({ author: 'west' })).toBe(1);
        expect(positions(await store.read.waiting(0, 9))).toEqual([1, 7]);
        const again = log.event({ office: 'west', seq: 2, id: rows[2]!.event.id }, 9);
        await write((tx) => tx.insertEvents([again]));
        await write((tx) => tx.displaceAfter('west', 1));
        expect(positions(await store.read.displaced())).toEqual([3, 6, 9]);
      });
    });

    describe('what waits', () => {
      it('is kept, listed, found by entity and removed', async () => {
        const rows = [1, 2, 3, 4].map((position) => waitingRow(position, position < 3 ? 'a' : 'a '));
        await write((tx) => tx.insertWaiting(rows));
        expect(await store.read.waiting(0, 10)).toEqual(rows);
        expect(await store.read.waiting(2, 1)).toEqual([rows[2]]);
        const key = { dataset: 'things', scope: 'west', entityId: 'a ' };
        expect(await store.read.waitingOf([key, { ...key, entityId: 'A' }, key])).toEqual([rows[2], rows[3]]);
        await write((tx) => tx.removeWaiting([1, 4, 77]));
        expect(await store.read.waiting(0, 10)).toEqual([rows[1], rows[2]]);
      });
    });

    describe('entities', () => {
      const key = (entityId: string, scope = 'west') => ({ dataset: 'things', scope, entityId });
      const valuesOf = async (entityId: string) => (await store.read.rowsById(things, entityId))[0]?.values;

      it('keep their state and their row', async () => {
        const write1 = recorded('thing-1', { name: 'x', amount: '12.95' });
        await write((tx) => tx.saveEntities([write1]));
        expect(await store.read.entity(key('thing-1'))).toEqual(write1.state);
        expect(await store.read.rowsById(things, 'thing-1')).toEqual([write1.row]);
        expect(await store.read.entity(key('thing-2'))).toBeNull();
        expect(await store.read.entity(key('thing-1', 'east'))).toBeNull();
      });

      it.each(HOSTILE_TEXTS)('keep the text %j', async (text) => {
        const data = { name: text, order: text, parent: text, group: 'a ' };
        const one = recorded(`id ${text}`.replace(/\p{Cc}/gu, ''), data);
        await write((tx) => tx.saveEntities([one]));
        expect(await store.read.entity(one.state)).toEqual(one.state);
        expect(await store.read.rowsById(things, one.state.entityId)).toEqual([one.row]);
        const equals = await store.read.rows(things, {
          ...WITH,
          limit: 9,
          equals: { name: text, order: text },
        });
        expect(equals).toEqual([one.row]);
        expect(await store.read.countRows(things, { ...WITH, equals: { name: `${text} ` } })).toBe(0);
      });

      it('keep a text of a million characters', async () => {
        const texts = ['x'.repeat(1_000_000), '😀'.repeat(260_000)];
        await write((tx) =>
          tx.saveEntities(texts.map((order, index) => recorded(`big-${index}`, { order }))),
        );
        expect((await valuesOf('big-0'))?.['order']).toBe(texts[0]);
        expect((await valuesOf('big-1'))?.['order']).toBe(texts[1]);
      });

      it.each([
        ['soldOn', ['0001-01-01', '0099-12-31', '1582-10-10', '1900-02-28', '2024-02-29', '9999-12-31']],
        [
          'seenAt',
          [
            '0001-01-01T00:00:00.000Z',
            '1969-12-31T23:59:59.999Z',
            '2026-03-29T01:30:00.120Z',
            '9999-12-31T23:59:59.999Z',
          ],
        ],
        [
          'amount',
          [
            '0',
            '-0.0001',
            '0.1',
            '12.95',
            '-1011.52',
            '49999999999999.9999',
            '-49999999999999.9999',
            '10000000000000',
          ],
        ],
        ['wholeSum', ['0', '99999999999999', '-99999999999999', '100']],
        ['count', [0, -1, 9007199254740991, -9007199254740991]],
        ['open', [true, false]],
        ['group', ['A', 'a', 'a ']],
      ])('keep every %s', async (field, values) => {
        const writes = values.map((value, index) => recorded(`v${index}`, { [field]: value }));
        await write((tx) => tx.saveEntities(writes));
        const rows = await store.read.rows(things, { ...WITH, limit: 99 });
        expect(rows).toEqual(writes.map(({ row }) => row));
        for (const [index, value] of values.entries()) {
          const found = await store.read.rows(things, { ...WITH, limit: 99, equals: { [field]: value } });
          expect(found.map(({ entityId }) => entityId)).toEqual([`v${index}`]);
        }
      });

      it('know null from everything else', async () => {
        await write((tx) =>
          tx.saveEntities([recorded('none', {}), recorded('some', { name: '', open: false })]),
        );
        expect(await valuesOf('none')).toEqual(NO_VALUES);
        const none = await store.read.rows(things, { ...WITH, limit: 9, equals: { name: null } });
        expect(none.map(({ entityId }) => entityId)).toEqual(['none']);
        expect(await store.read.countRows(things, { ...WITH, equals: { open: false } })).toBe(1);
      });

      it('are locked in key order, unknown ones left out', async () => {
        const ids = ['b', 'a ', 'B', 'a', 'ä', '😀', '\uffff'];
        await write((tx) => tx.saveEntities(ids.map((id) => recorded(id, { name: id }))));
        const locked = await write((tx) => tx.lockEntities([...ids, 'no', 'a'].map((id) => key(id))));
        expect(locked.map(({ entityId }) => entityId)).toEqual(['B', 'a', 'a ', 'b', 'ä', '\uffff', '😀']);
        expect(await write((tx) => tx.lockEntities([]))).toEqual([]);
      });

      it('are updated and removed', async () => {
        const [one, two] = [recorded('one', { name: 'x' }), recorded('two', { name: 'y' })];
        await write((tx) => tx.saveEntities([one, two]));
        const changed = { ...recorded('one', { name: 'changed', amount: '1.5' }), isNew: false };
        const fresh = recorded('three', { name: 'z' });
        await write((tx) => tx.saveEntities([changed, fresh]));
        expect(await store.read.entity(key('one'))).toEqual(changed.state);
        expect(await store.read.rowsById(things, 'one')).toEqual([changed.row]);
        await write((tx) => tx.removeEntities([key('one'), key('three'), key('no')]));
        expect(await store.read.rows(things, { ...WITH, limit: 9 })).toEqual([two.row]);
        expect(await store.read.entity(key('one'))).toBeNull();
      });

      it('must be said to be known when they are', async () => {
        await write((tx) => tx.saveEntities([recorded('one', {})]));
        await expect(write((tx) => tx.saveEntities([recorded('one', {})]))).rejects.toThrow();
      });

      it('of a dataset without a table keep their state', async () => {
        const { state } = recorded('one ', { name: '😀 ' });
        const system = { ...state, dataset: 'incidents' };
        await write((tx) =>
          tx.saveEntities([{ state: system, row: null, isNew: true }, recorded('one ', {})]),
        );
        const other = { ...key('one '), dataset: 'incidents' };
        expect(await store.read.entity(other)).toEqual(system);
        const locked = await write((tx) => tx.lockEntities([key('one '), other]));
        expect(locked.map(({ dataset }) => dataset)).toEqual(['incidents', 'things']);
        const newer = { ...system, updatedAt: '2027-01-01T00:00:00.000Z/0000' };
        await write((tx) => tx.saveEntities([{ state: newer, row: null, isNew: false }]));
        expect(await store.read.entity(other)).toEqual(newer);
        await write((tx) => tx.removeEntities([other]));
        expect(await store.read.entity(other)).toBeNull();
        expect(await store.read.entity(key('one '))).not.toBeNull();
      });

      it('are saved by the thousand', async () => {
        const many = Array.from({ length: 1500 }, (_, index) => recorded(`m${index}`, { amount: '0.0001' }));
        await write((tx) => tx.saveEntities(many));
        const locked = await write((tx) => tx.lockEntities(many.map(({ state }) => state)));
        expect(locked.length).toBe(1500);
        await write((tx) => tx.saveEntities(many.map((one) => ({ ...one, isNew: false }))));
        await write((tx) => tx.removeEntities(many.slice(0, 700).map(({ state }) => state)));
        expect(await store.read.countRows(things, WITH)).toBe(800);
        expect(await store.read.sumRows(things, 'amount', WITH)).toBe('0.08');
      });
    });

    describe('rows', () => {
      const row = (entityId: string, scope: string, changes: object = {}) => {
        const one = recorded(entityId, { amount: '10.5', name: entityId }, scope);
        return { ...one, row: { ...one.row!, ...changes } };
      };
      const deleted = { deletedAt: '2026-04-02T00:00:00.000Z' };

      beforeEach(async () => {
        await write((tx) =>
          tx.saveEntities([
            row('b', 'west'),
            row('a', 'west', deleted),
            row('a', 'east'),
            row('A', 'west', { conflicted: true }),
            row('a ', 'west', { ...deleted, conflicted: true }),
          ]),
        );
      });
      const named = (rows: { scope: string; entityId: string }[]) =>
        rows.map((one) => `${one.scope}:${one.entityId}`);

      it('come in order of scope and id, page by page', async () => {
        const all = ['east:a', 'west:A', 'west:a', 'west:a ', 'west:b'];
        expect(named(await store.read.rows(things, { ...WITH, limit: 99 }))).toEqual(all);
        let [after, seen]: [{ scope: string; entityId: string } | undefined, string[]] = [undefined, []];
        for (;;) {
          const page = await store.read.rows(things, { ...WITH, limit: 2, ...(after ? { after } : {}) });
          if (page.length === 0) break;
          seen = [...seen, ...named(page)];
          after = { scope: page.at(-1)!.scope, entityId: page.at(-1)!.entityId };
        }
        expect(seen).toEqual(all);
        const within = { ...WITH, scope: 'west', limit: 2, after: { scope: 'west', entityId: 'a' } };
        expect(named(await store.read.rows(things, within))).toEqual(['west:a ', 'west:b']);
      });

      it.each([
        [{ deleted: 'without' }, ['east:a', 'west:A', 'west:b']],
        [{ deleted: 'only' }, ['west:a', 'west:a ']],
        [{ deleted: 'with', conflicted: true }, ['west:A', 'west:a ']],
        [{ deleted: 'without', conflicted: false }, ['east:a', 'west:b']],
        [{ deleted: 'with', scope: 'west', equals: { name: 'a' } }, ['west:a']],
        [{ deleted: 'with', equals: { amount: '10.5', name: 'b' } }, ['west:b']],
        [{ deleted: 'with', scope: 'WEST' }, []],
      ] as const)('are filtered by %o', async (filter, expected) => {
        expect(named(await store.read.rows(things, { ...filter, limit: 99 }))).toEqual(expected);
        expect(await store.read.countRows(things, filter)).toBe(expected.length);
      });

      it('are found by id in every scope', async () => {
        expect(named(await store.read.rowsById(things, 'a'))).toEqual(['east:a', 'west:a']);
        expect(await store.read.rowsById(things, 'nothing')).toEqual([]);
      });

      it('are summed, or it is said why not', async () => {
        expect(await store.read.sumRows(things, 'amount', { deleted: 'without' })).toBe('31.5');
        expect(await store.read.sumRows(things, 'amount', { ...WITH, scope: 'nowhere' })).toBe('0');
        expect(await store.read.sumRows(things, 'count', WITH)).toBe('0');
        expect(errorType(await failureOf(store.read.sumRows(things, 'name', WITH)))).toBe('unknown-field');
        expect(errorType(await failureOf(store.read.sumRows(things, 'amount"', WITH)))).toBe('unknown-field');
        const equals = { 'name" = name --': 'x' };
        expect(errorType(await failureOf(store.read.countRows(things, { ...WITH, equals })))).toBe(
          'unknown-field',
        );
      });

      it('of a dataset that is not declared are not there', async () => {
        const error = await failureOf(store.read.countRows({ ...things, name: 'others' }, WITH));
        expect(errorType(error)).toBe('unknown-dataset');
      });

      it('show decimals to people who look into the database', async () => {
        await write((tx) => tx.saveEntities([recorded('view', { amount: '-0.05', wholeSum: '7' })]));
        const from = kind === 'sqlite' ? 'things_view' : 'things';
        const sql = `select amount, twice, whole_sum from ${from} where entity_id = 'view'`;
        const [seen] = await (await raw()).run(sql);
        const shown = Object.values(seen ?? {}).map(String);
        expect(shown).toEqual(['-0.0500', '-0.1000', '7']);
      });
    });

    describe('a million amounts', () => {
      const SERIES: Record<DatabaseKind, string> = {
        sqlite: `with recursive s(n) as (select 0 union all select n + 1 from s where n < 999999)
          insert into things (scope, entity_id, entity_state, amount, count, created_at, updated_at, conflicted)
          select 'west', 'm' || n, '', (case when n % 3 = 0 then -1 else 1 end) * (999999999999999999 - n * 7919), 9007199254740991 - n, 't', 't', 0 from s`,
        postgresql: `insert into things (scope, entity_id, entity_state, amount, count, created_at, updated_at, conflicted)
          select 'west', 'm' || n, '', (case when n % 3 = 0 then -1 else 1 end) * (99999999999999.9999 - n * 0.7919), 9007199254740991 - n, now(), now(), false
          from generate_series(0, 999999) n`,
        mariadb: MILLION_ON_MYSQL,
        mysql: MILLION_ON_MYSQL,
      };

      it('are summed exactly, far beyond 64 bits', async () => {
        await (await raw()).run(SERIES[kind]);
        let [amount, count] = [0n, 0n];
        for (let n = 0n; n < 1_000_000n; n++) {
          amount += (n % 3n === 0n ? -1n : 1n) * (999999999999999999n - n * 7919n);
          count += 9007199254740991n - n;
        }
        const digits = amount.toString();
        const expected = `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, '');
        expect(await store.read.sumRows(things, 'amount', WITH)).toBe(expected);
        expect(await store.read.sumRows(things, 'count', WITH)).toBe(count.toString());
      }, 120_000);
    });

    describe('conflict cases', () => {
      it('are kept and replaced, listed page by page, and counted', async () => {
        const cases = [1, 2, 3, 4].map((number) =>
          conflictCase(number, { entityId: `e${number}`, scope: number < 4 ? 'west' : 'east' }),
        );
        await write((tx) => tx.saveCases(cases));
        const settled = {
          ...cases[1]!,
          status: 'settled' as const,
          settledAt: '2026-04-03T00:00:00.000Z/0000',
        };
        await write((tx) => tx.saveCases([settled]));
        expect(await store.read.case(settled.id)).toEqual(settled);
        expect(await store.read.cases({ limit: 9 })).toEqual([cases[0], settled, cases[2], cases[3]]);
        expect(await store.read.cases({ limit: 1, after: cases[0]!.id, status: 'open' })).toEqual([cases[2]]);
        expect(await store.read.cases({ limit: 9, scope: 'east', dataset: 'things' })).toEqual([cases[3]]);
        expect(await store.read.countCases({ status: 'settled' })).toBe(1);
        expect(await store.read.countCases({ status: 'open', scope: 'west' })).toBe(2);
        expect(await store.read.countCases({ dataset: 'sales' })).toBe(0);
      });

      it('are found by entity while they are open', async () => {
        const [open1, open2] = [conflictCase(1), conflictCase(2, { entityId: 'thing-1 ' })];
        const settled = conflictCase(3, { status: 'settled', settledAt: '2026-04-03T00:00:00.000Z/0000' });
        await write((tx) => tx.saveCases([open1, open2, settled]));
        expect(await store.read.openCases([open1])).toEqual([open1]);
        expect(await store.read.openCases([open2, open1, { ...open1, entityId: 'THING-1' }])).toEqual([
          open1,
          open2,
        ]);
        expect(await store.read.openCases([])).toEqual([]);
      });

      it.each([`' or 1 = 1 --`, '\\', '\0', '"', '😀'])(
        'take %j for the id, scope and dataset of none',
        async (word) => {
          await write((tx) => tx.saveCases([conflictCase(1)]));
          expect(await store.read.case(word)).toBeNull();
          expect(await store.read.cases({ limit: 9, scope: word })).toEqual([]);
          expect(await store.read.countCases({ dataset: word })).toBe(0);
        },
      );
    });

    describe('digests', () => {
      it('are kept and replaced by dataset, scope and bucket', async () => {
        const row = (scope: string, bucket: number, count: number) => ({
          dataset: 'things',
          scope,
          bucket,
          count,
          events: hash(count),
          state: hash(255 - count),
        });
        await write((tx) => tx.saveDigests([row('west', 15, 1), row('west', 0, 2), row('east', 0, 3)]));
        await write((tx) => tx.saveDigests([row('west', 15, 4), row('west', 7, 5)]));
        expect(await store.read.digests('things', 'west')).toEqual([
          row('west', 0, 2),
          row('west', 7, 5),
          row('west', 15, 4),
        ]);
        expect(await store.read.digests('things', 'nowhere')).toEqual([]);
        const of = (scope: string) => ({ dataset: 'things', scope });
        const many = await store.read.digestsOf([of('west'), of('nowhere'), of('east'), of('west')]);
        expect(many.map(({ count }) => count).sort()).toEqual([2, 3, 4, 5]);
        expect(await store.read.digestsOf([])).toEqual([]);
      });
    });

    describe('a transaction', () => {
      const advance = async (tx: StoreTx, office = 'west'): Promise<number> => {
        const row = await tx.lockLog();
        const position = row.position + 1;
        await tx.insertEvents([log.event({ office, seq: position }, position)]);
        await tx.saveLog({ ...row, position });
        return position;
      };

      it('leaves nothing behind when its work fails', async () => {
        const failed = write(async (tx) => {
          await advance(tx);
          await tx.saveEntities([recorded('one', {})]);
          await tx.saveOffices([officeRow('east')]);
          throw new Error('changed my mind');
        });
        await expect(failed).rejects.toThrow('changed my mind');
        expect((await store.read.logRow()).position).toBe(0);
        expect(await store.read.eventsByPosition(0, PLENTY)).toEqual([]);
        expect(await store.read.countRows(things, WITH)).toBe(0);
        expect(await store.read.offices()).toEqual([]);
        expect(await write(advance)).toBe(1);
      });

      it('reads what it wrote', async () => {
        await write(async (tx) => {
          const [one, two] = [recorded('one', { amount: '2' }), conflictCase(1)];
          await tx.saveEntities([one]);
          await tx.saveCases([two]);
          await tx.insertWaiting([waitingRow(1, 'one')]);
          await tx.saveOffices([officeRow('east')]);
          expect(await tx.rows(things, { ...WITH, limit: 9 })).toEqual([one.row]);
          expect(await tx.sumRows(things, 'amount', WITH)).toBe('2');
          expect(await tx.cases({ limit: 9 })).toEqual([two]);
          expect(await tx.waiting(0, 9)).toEqual([waitingRow(1, 'one')]);
          expect(await tx.offices()).toEqual([officeRow('east')]);
          expect(await store.read.offices()).toEqual([]);
          expect(await store.read.cases({ limit: 9 })).toEqual([]);
        });
      });

      it('takes statements that do not wait for each other', async () => {
        await write(async (tx) => {
          await Promise.all(['a', 'b', 'c'].map((id) => tx.saveEntities([recorded(id, {})])));
          expect(await Promise.all([tx.countRows(things, WITH), tx.logRow(), tx.offices()])).toHaveLength(3);
        });
        expect(await store.read.countRows(things, WITH)).toBe(3);
      });

      it('does not commit when a statement failed and its work went on', async () => {
        const hushed = write(async (tx) => {
          await tx.saveEntities([recorded('one', {})]);
          await tx.saveEntities([recorded('one', {})]).catch(() => {});
        });
        await expect(hushed).rejects.toThrow();
        expect(await store.read.countRows(things, WITH)).toBe(0);
      });

      it('runs once when the failure is its own, whatever that looks like', async () => {
        let runs = 0;
        const failing = write(async (tx) => {
          runs++;
          await advance(tx);
          throw Object.assign(new Error('of another connection'), { code: 'ECONNRESET', errcode: 5 });
        });
        await expect(failing).rejects.toThrow('of another connection');
        expect(runs).toBe(1);
        expect((await store.read.logRow()).position).toBe(0);
      });

      it('leaves connections to those who read, however many there are', async () => {
        const small = await open({ poolSize: 2 });
        const seen = await Promise.all(
          Array.from({ length: 20 }, () =>
            small.transaction(async (tx) => {
              await advance(tx);
              return (await small.read.logRow()).office;
            }),
          ),
        );
        expect(seen).toHaveLength(20);
        expect((await small.read.logRow()).position).toBe(20);
      });

      it('gives 50 at once each a position of its own, without a gap', async () => {
        const other = await open();
        const stores = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? store : other));
        const positions = await Promise.all(stores.map((one) => one.transaction((tx) => advance(tx))));
        expect(positions.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: 50 }, (_, index) => index + 1),
        );
        const held = await store.read.eventsByPosition(0, PLENTY);
        expect(held.map(({ position }) => position)).toEqual(
          Array.from({ length: 50 }, (_, index) => index + 1),
        );
        expect((await store.read.logRow()).position).toBe(50);
      });

      it('takes turns with another process', async () => {
        const appender = fileURLToPath(new URL('store-appender.ts', import.meta.url));
        const child = promisify(execFile)(process.execPath, ['--no-warnings', appender, place.url, '40']);
        await Promise.all(Array.from({ length: 40 }, () => write((tx) => advance(tx))));
        await child;
        const held = await store.read.eventsByPosition(0, PLENTY);
        expect(held.map(({ position }) => position)).toEqual(
          Array.from({ length: 80 }, (_, index) => index + 1),
        );
      });

      if (isServer) {
        it('runs again when it was the victim of a deadlock', async () => {
          await write((tx) => tx.saveOffices([officeRow('east'), officeRow('west')]));
          let [runs, waiting] = [0, 0];
          let release!: () => void;
          const bothHoldOne = new Promise<void>((done) => (release = done));
          const cross = (first: string, second: string) => async (tx: StoreTx) => {
            runs++;
            await tx.lockOffices([first]);
            if (++waiting === 2) release();
            await bothHoldOne;
            await tx.lockOffices([second]);
            return advance(tx);
          };
          const both = await Promise.all([write(cross('east', 'west')), write(cross('west', 'east'))]);
          expect(both.toSorted((a, b) => a - b)).toEqual([1, 2]);
          expect(runs).toBeGreaterThan(2);
        });

        it('runs again when the server kills its connection in the middle', async () => {
          const killer = await raw();
          let runs = 0;
          const position = await write(async (tx) => {
            const reached = await advance(tx);
            if (++runs === 1) await killer.killOthers();
            await tx.saveOffices([officeRow('east')]);
            return reached;
          });
          expect([position, runs]).toEqual([1, 2]);
          expect((await store.read.eventsByPosition(0, PLENTY)).length).toBe(1);
        });

        it('runs again when the connection breaks before the commit is sent', async () => {
          let breaks = 1;
          const breaking = await open({
            failPoint: (name, fault) => {
              if (name === 'before-commit' && breaks-- > 0) fault.sever();
            },
          });
          // Whatever is sent on the broken connection fails, the commit too: it must not count as sent.
          const outcome = await breaking.transaction(async (tx) => {
            await tx.offices();
            return advance(tx);
          });
          expect(outcome).toBe(1);
          expect((await store.read.logRow()).position).toBe(1);
        });

        it('says that it does not know when the connection breaks during the commit', async () => {
          const breaking = await open({
            failPoint: (name, fault) => {
              if (name === 'commit-sent') fault.sever();
            },
          });
          const error = await failureOf(breaking.transaction((tx) => advance(tx)));
          expect(errorType(error)).toBe('commit-unknown');
          // Settled by reading back, behind the lock that the one in doubt may still hold: all is there, or nothing.
          await write(async (tx) => {
            const { position } = await tx.lockLog();
            expect((await tx.eventsByPosition(0, PLENTY)).length).toBe(position);
          });
        });

        it('replaces connections that died while they lay idle', async () => {
          await Promise.all([1, 2, 3].map(() => store.read.logRow()));
          await (await raw()).killOthers();
          expect((await store.read.logRow()).position).toBe(0);
          expect(await write(advance)).toBe(1);
          expect(await store.read.offices()).toEqual([]);
        });

        it('says that the database is away, and goes on when it is back', async () => {
          const proxy = await TcpProxy.open(place.url);
          try {
            const distant = await open({ url: proxy.through(place.url), poolSize: 2 });
            proxy.cut();
            for (let attempt = 0; attempt < 4; attempt++) {
              expect(errorType(await failureOf(distant.transaction((tx) => advance(tx))))).toBe(
                'database-unavailable',
              );
              expect(errorType(await failureOf(distant.read.logRow()))).toBe('database-unavailable');
              expect(errorType(await failureOf(distant.read.offices()))).toBe('database-unavailable');
            }
            proxy.join();
            expect(await distant.transaction((tx) => advance(tx))).toBe(1);
            expect(await distant.read.offices()).toEqual([]);
            await distant.close();
          } finally {
            await proxy.close();
          }
        });

        it('says that the database is away when it cannot be opened, and opens it later', async () => {
          const proxy = await TcpProxy.open(place.url);
          try {
            proxy.cut();
            const distant = createStore(optionsOf({ url: proxy.through(place.url) }));
            opened.push(distant);
            expect(errorType(await failureOf(distant.open()))).toBe('database-unavailable');
            proxy.join();
            await distant.open();
            expect((await distant.read.logRow()).office).toBe('west');
            await distant.close();
          } finally {
            await proxy.close();
          }
        });
      } else {
        it('waits for another process to let go of the file', async () => {
          const other = await raw();
          await other.run('begin immediate');
          let isDone = false;
          const waiting = write(advance).then((position) => {
            isDone = true;
            return position;
          });
          // Reading goes on meanwhile, and the event loop does, too.
          for (let turn = 0; turn < 5; turn++) expect((await store.read.logRow()).position).toBe(0);
          expect(isDone).toBe(false);
          await other.run('commit');
          expect(await waiting).toBe(1);
        });

        it('is away when it was closed', async () => {
          await store.close();
          await expect(store.read.logRow()).rejects.toThrow('not open');
          await expect(write(advance)).rejects.toThrow('not open');
        });
      }
    });
  });
}
