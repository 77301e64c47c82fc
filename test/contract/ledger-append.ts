import { DatabaseSync } from 'node:sqlite';
import { jest } from '@jest/globals';
import { sales } from '../../domain/datasets/sales.ts';
import { DomainError, errorType } from '../../domain/errors.ts';
import type { Command } from '../../domain/office/commands.ts';
import type { CommandSubmission } from '../../mixins/ledger/ledger.ts';
import type { Store } from '../../mixins/store/store.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { eventually } from '../harness/wait.ts';
import {
  allEvents,
  expectChained,
  expectFoldedFromNothing,
  expectGapFreePositions,
} from './ledger-checks.ts';
import { changed, failureOf, type LedgerWorld, type Office, withWork } from './ledger-world.ts';

const SALE = { soldOn: '2026-04-01', product: 'Paper', region: 'West', qty: 33, cost: '12.95', tax: '29.91' };
const SQLITE_BUSY = 5;
const KEY = { dataset: 'sales', scope: 'west', entityId: 'a' };

export const record = (
  entityId: string,
  fields: Record<string, unknown> = {},
  scope = 'west',
): CommandSubmission => ({
  command: { ...KEY, scope, type: 'record', entityId, fields: { ...SALE, ...fields } },
  actor: 'anna',
});
export const amend = (
  entityId: string,
  fields: Record<string, unknown>,
  scope = 'west',
): CommandSubmission => ({
  command: { ...KEY, scope, type: 'amend', entityId, fields },
  actor: 'anna',
});
const named = (count: number, prefix = 's') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** What every ledger promises for appends, whatever the database. */
export function appendContract(kind: DatabaseKind, world: LedgerWorld): void {
  const isServer = kind !== 'sqlite';

  describe('concurrent appenders', () => {
    it('fifty of them leave no gap in seq and position', async () => {
      const { ledger, told } = await world.office();
      const sells = async (appender: string) => {
        for (const id of named(4, appender)) await ledger.submit(record(id));
      };
      await Promise.all(named(50, 'appender').map(sells));
      await expectChained(ledger);
      await expectGapFreePositions(ledger);
      expect(await ledger.read.countRows(sales, { deleted: 'with' })).toBe(200);
      expect(told.at(-1)).toMatchObject({ last: { seq: 200 }, position: 200 });
    });

    it('of two head nodes on one database leave no gap, and no event twice', async () => {
      const offices = await Promise.all([world.office({ office: 'head' }), world.office({ office: 'head' })]);
      const sells = (office: Office, node: string) =>
        named(25, node).map(async (appender) => {
          const answers = [];
          for (const id of named(4, appender)) answers.push(await office.ledger.submit(record(id)));
          return answers;
        });
      const answers = (
        await Promise.all([...sells(offices[0]!, 'one'), ...sells(offices[1]!, 'two')])
      ).flat();
      const rows = await expectChained(offices[0]!.ledger);
      await expectGapFreePositions(offices[1]!.ledger);
      expect(rows.length).toBe(200);
      expect(new Set(answers.map(({ logged }) => logged!.event.seq)).size).toBe(200);
      await expectFoldedFromNothing(offices[0]!.ledger);
    });

    it('share transactions', async () => {
      let commits = 0;
      const { ledger } = await world.office({
        failPoint: (name) => void (commits += name === 'before-commit' ? 1 : 0),
      });
      commits = 0; // opening has its own
      await Promise.all(named(300).map((id) => ledger.submit(record(id))));
      await expectChained(ledger);
      expect(commits).toBeLessThanOrEqual(3);
    });
  });

  describe('in one transaction', () => {
    it('a refused command hurts no other', async () => {
      const { ledger, works } = await world.office();
      const before = works();
      const outcomes = await ledger.submitAll([
        record('a'),
        record('b', { qty: 'many' }),
        amend('x', { qty: 1 }),
        record('c'),
      ]);
      expect(
        outcomes.map((outcome) => (outcome.ok ? outcome.logged!.event.seq : errorType(outcome.error))),
      ).toEqual([1, 'invalid-input', 'unknown-entity', 2]);
      expect(works() - before).toBe(1);
      await expectFoldedFromNothing(ledger);
    });

    it('commands on one entity are chained', async () => {
      const { ledger, works } = await world.office();
      const before = works();
      await ledger.submitAll([
        record('a'),
        amend('a', { qty: 1 }),
        amend('a', { cost: '2' }),
        amend('b', { qty: 1 }),
      ]);
      expect(works() - before).toBe(1);
      const [row] = await ledger.read.rowsById(sales, 'a');
      expect(row!.values).toMatchObject({ qty: 1, cost: '2', amount: '2', total: '31.91' });
      const events = await allEvents(ledger);
      expect(events.map(({ event }) => event.clock)).toEqual([
        { 'west@1': 1 },
        { 'west@1': 2 },
        { 'west@1': 3 },
      ]);
      await expectFoldedFromNothing(ledger);
    });

    it('a row that the database cannot take fails alone', async () => {
      const tooMuch = (id: string) => (tx: unknown) => {
        const real = tx as Parameters<Parameters<Store['transaction']>[0]>[0];
        return {
          ...real,
          saveEntities: (writes: Parameters<typeof real.saveEntities>[0]) =>
            writes.some(({ state }) => state.entityId === id)
              ? Promise.reject(new Error('too long'))
              : real.saveEntities(writes),
        };
      };
      const { ledger } = await world.office({ wrap: (store) => withWork(store, tooMuch('b')) });
      const outcomes = await ledger.submitAll([record('a'), record('b'), record('c')]);
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
      await expectChained(ledger);
      await expectFoldedFromNothing(ledger);
    });
  });

  describe('a repeated command', () => {
    const keyed = (key: string, request: string, submission = record('a')): CommandSubmission => ({
      ...submission,
      idempotency: { key, request },
    });

    it('with its idempotency key gets the first answer', async () => {
      const { ledger } = await world.office();
      const first = await ledger.submit(keyed('k', 'r'));
      const again = await ledger.submit(keyed('k', 'r'));
      expect(again).toMatchObject({
        replayed: true,
        logged: { event: { id: first.logged!.event.id, seq: 1 } },
      });
      await expectChained(ledger);
    });

    it('with another request under its key is refused', async () => {
      const { ledger } = await world.office();
      await ledger.submit(keyed('k', 'r'));
      expect(await failureOf(ledger.submit(keyed('k', 'other', record('b'))))).toMatchObject({
        type: 'idempotency-key-reused',
      });
      expect((await allEvents(ledger)).length).toBe(1);
    });

    it('at once, at two nodes, is appended once', async () => {
      const [one, two] = await Promise.all([
        world.office({ office: 'head' }),
        world.office({ office: 'head' }),
      ]);
      const submissions = named(20).flatMap((id) =>
        [one, two, one].map(({ ledger }) => ledger.submit(keyed(id, 'r', record(id)))),
      );
      const answers = await Promise.all(submissions);
      expect(answers.filter(({ replayed }) => !replayed).length).toBe(20);
      expect((await expectChained(one.ledger)).length).toBe(20);
    });

    it('with a fixed event id is appended once', async () => {
      const { ledger } = await world.office();
      const eventId = '00000000-0000-7000-8000-00000000000a';
      const first = await ledger.submit({ ...record('a'), eventId });
      const again = await ledger.submit({ ...record('a'), eventId });
      expect([first.replayed, again.replayed]).toEqual([false, true]);
      const mixed = await ledger.submitAll([
        { ...record('b') },
        { ...record('a'), eventId },
        { ...record('c') },
      ]);
      expect(mixed.map((outcome) => outcome.ok && outcome.replayed)).toEqual([false, true, false]);
      await expectChained(ledger);
    });
  });

  describe('a transaction that has to run again', () => {
    it('is appended once, after another process let go of the database', async () => {
      const office = await world.office();
      await office.ledger.submit(record('a'));
      const raw = await world.raw();
      const isRefused = await watchAttempts();
      await raw.run(isServer ? 'start transaction' : 'begin immediate');
      if (isServer) await raw.run('select * from log where id = 1 for update');
      let isDone = false;
      const submitted = office.ledger.submit(record('b')).finally(() => (isDone = true));
      await isRefused();
      expect(isDone).toBe(false);
      await raw.run('commit');
      expect(await submitted).toMatchObject({ replayed: false, logged: { event: { seq: 2 } } });
      await expectChained(office.ledger);
    });

    it('is appended once, whatever number of attempts it took', async () => {
      let failures = 0;
      const failPoint = (name: string, fault: { sever(): void }) => {
        if (name !== (isServer ? 'before-commit' : 'commit-sent') || failures <= 0) return;
        failures -= 1;
        if (!isServer) throw Object.assign(new Error('database is locked'), { errcode: SQLITE_BUSY });
        fault.sever();
      };
      const office = await world.office({ failPoint });
      const before = office.works();
      failures = 3;
      const outcomes = await office.ledger.submitAll([record('a'), record('b'), amend('a', { qty: 2 })]);
      expect(outcomes).toMatchObject([{ ok: true, replayed: false }, { ok: true }, { ok: true }]);
      expect(office.works() - before).toBe(4);
      expect(office.told).toHaveLength(1);
      await expectChained(office.ledger);
      await expectFoldedFromNothing(office.ledger);
    });

    if (isServer) {
      it('is appended once after a deadlock', async () => {
        const { ledger, works, raw } = await deadlocking();
        const before = works();
        await raw.run('start transaction');
        await raw.run(`update sales set region = 'x' where entity_id <> 'a'`); // more to lose than the ledger
        await raw.run(`select * from sales where scope = 'west' and entity_id = 'a' for update`);
        const submitted = ledger.submit(amend('a', { qty: 5 }));
        await raw.untilWaiting();
        const locked = failureOf(raw.run('select * from log where id = 1 for update'));
        await locked;
        await raw.run('rollback');
        expect(await submitted).toMatchObject({ replayed: false, logged: { event: { seq: 7 } } });
        expect(works() - before).toBe(2);
        await expectChained(ledger);
        await expectFoldedFromNothing(ledger);
      });

      it('is appended once when its connection was killed', async () => {
        let kill: (() => Promise<void>) | null = null;
        const failPoint = async (name: string) => {
          const due = name === 'before-commit' ? kill : null;
          kill = null;
          await due?.();
        };
        const { ledger, works } = await world.office({ failPoint });
        const raw = await world.raw();
        const before = works();
        kill = () => raw.killOthers();
        expect(await ledger.submit(record('a'))).toMatchObject({ logged: { event: { seq: 1 } } });
        expect(works() - before).toBe(2);
        expect((await expectChained(ledger)).length).toBe(1);
      });
    }

    /** West with some sales, and somebody who can see that a transaction waits for him. */
    async function deadlocking() {
      const office = await world.office();
      await office.ledger.submitAll(named(5).map((id) => record(id)));
      await office.ledger.submit(record('a'));
      const [raw, untilWaiting] = [await world.raw(), await watchAttempts()];
      return { ...office, raw: { run: (sql: string) => raw.run(sql), untilWaiting } };
    }

    /** Resolves when somebody else wants a lock that is not given, or has been told that the file is locked. */
    async function watchAttempts(): Promise<() => Promise<void>> {
      if (!isServer) {
        const asked = jest.spyOn(DatabaseSync.prototype, 'exec');
        const begins = () => asked.mock.calls.filter(([sql]) => sql === 'begin immediate').length;
        return () => eventually(() => expect(begins()).toBeGreaterThan(1)).finally(() => asked.mockRestore());
      }
      const watcher = await world.raw();
      const waiting =
        kind === 'postgresql'
          ? `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
          : // Not innodb_trx, which shows the same for as long as it is asked often.
            `select 1 from information_schema.processlist where db = database() and command = 'Execute' ` +
            `and info like '%for update'`;
      return () => eventually(async () => expect(await watcher.run(waiting)).not.toEqual([]));
    }
  });

  describe('a commit whose outcome is unknown', () => {
    const unknown = () => new DomainError('commit-unknown', 'the connection broke');

    /** The next commits of the ledger come to nothing that anybody hears of. */
    function unheard(isCommitted: boolean): { wrap: (store: Store) => Store; arm: () => void } {
      let isArmed = false;
      const wrap = (store: Store): Store =>
        changed(store, {
          transaction: async (work) => {
            if (!isArmed) return store.transaction(work);
            isArmed = false;
            if (isCommitted) await store.transaction(work);
            throw unknown();
          },
        });
      return { wrap, arm: () => (isArmed = true) };
    }

    it.each([
      ['was committed', true],
      ['was not committed', false],
    ])('and which %s is there exactly once, and is answered', async (_, isCommitted) => {
      const { wrap, arm } = unheard(isCommitted);
      const { ledger, told } = await world.office({ wrap });
      await ledger.submit(record('a'));
      arm();
      const outcomes = await ledger.submitAll([
        record('b'),
        amend('a', { qty: 2 }),
        record('a'),
        record('c'),
      ]);
      expect(
        outcomes.map((outcome) => (outcome.ok ? outcome.logged!.event.seq : errorType(outcome.error))),
      ).toEqual([2, 3, 'already-exists', 4]);
      expect(told.at(-1)).toMatchObject({ last: { seq: 4 }, position: 4 });
      await ledger.submit(record('d'));
      expect((await expectChained(ledger)).length).toBe(5);
      await expectFoldedFromNothing(ledger);
    });

    if (isServer) {
      it('because the answer got lost on the way is there exactly once, and is answered', async () => {
        const direct = await world.office(); // prepares the tables, and looks on
        const line = await world.line();
        let isDue = false;
        const failPoint = async (name: string, fault: { sever(): void }) => {
          if (name !== 'commit-sent' || !isDue) return;
          isDue = false;
          line.swallowAnswers();
          await eventually(async () => expect((await allEvents(direct.ledger)).length).toBe(2));
          fault.sever();
        };
        const url = line.through(await world.url());
        const { ledger, told } = await world.office({ url, failPoint });
        await ledger.submit(record('a'));
        isDue = true;
        expect(await ledger.submit(record('b'))).toMatchObject({ logged: { event: { seq: 2 } } });
        expect(told.at(-1)).toMatchObject({ last: { seq: 2 } });
        expect((await expectChained(ledger)).length).toBe(2);
        await expectFoldedFromNothing(ledger);
      });

      it('because the connection broke as COMMIT was sent is there exactly once, and is answered', async () => {
        let isDue = false;
        const failPoint = (name: string, fault: { sever(): void }) => {
          if (name !== 'commit-sent' || !isDue) return;
          isDue = false;
          fault.sever();
        };
        const { ledger } = await world.office({ failPoint });
        for (const id of named(5)) {
          isDue = true;
          expect(await ledger.submit(record(id))).toMatchObject({ logged: { event: { entityId: id } } });
        }
        expect((await expectChained(ledger)).length).toBe(5);
      });
    }
  });

  describe('while the database is away', () => {
    if (isServer) {
      it('commands are refused with its name, and go on when it is back, nothing lost or doubled', async () => {
        const line = await world.line();
        const { ledger } = await world.office({ url: line.through(await world.url()) });
        await ledger.submit(record('a'));
        line.cut();
        const outcomes = await ledger.submitAll([record('b'), record('c')]);
        expect(outcomes.map((outcome) => !outcome.ok && errorType(outcome.error))).toEqual([
          'database-unavailable',
          'database-unavailable',
        ]);
        expect(await failureOf(ledger.read.logRow())).toMatchObject({ type: 'database-unavailable' });
        line.join();
        expect(await ledger.submit(record('b'))).toMatchObject({ logged: { event: { seq: 2 } } });
        expect((await expectChained(ledger)).length).toBe(2);
      });

      it('and came back behind an unknown commit, the submitter still gets his answer', async () => {
        const line = await world.line();
        let isDue = false;
        const failPoint = (name: string) => {
          if (name !== 'commit-sent' || !isDue) return;
          isDue = false;
          line.cutUntilTried();
        };
        const { ledger } = await world.office({ url: line.through(await world.url()), failPoint });
        isDue = true;
        expect(await ledger.submit(record('a'))).toMatchObject({ logged: { event: { seq: 1 } } });
        await ledger.submit(record('b'));
        expect((await expectChained(ledger)).length).toBe(2);
      });
    } else {
      it('commands are refused with its name, and go on when it is back, nothing lost or doubled', async () => {
        let isAway = false;
        const away = () => Promise.reject(new DomainError('database-unavailable', 'disk full'));
        const wrap = (store: Store) =>
          changed(store, { transaction: (work) => (isAway ? away() : store.transaction(work)) });
        const { ledger } = await world.office({ wrap });
        isAway = true;
        expect(await failureOf(ledger.submit(record('a')))).toMatchObject({ type: 'database-unavailable' });
        isAway = false;
        expect(await ledger.submit(record('a'))).toMatchObject({
          replayed: false,
          logged: { event: { seq: 1 } },
        });
        expect((await expectChained(ledger)).length).toBe(1);
      });
    }
  });

  describe('what no log may hold', () => {
    const thing = (
      fields: Record<string, unknown>,
      changes: Record<string, unknown> = {},
    ): CommandSubmission => ({
      command: {
        dataset: 'things',
        scope: 'west',
        entityId: 't',
        type: 'record',
        fields,
        ...changes,
      } as Command,
      actor: 'anna',
    });
    const bad: [string, CommandSubmission, string][] = [
      ['NUL in a text', thing({ name: 'a\0b' }), 'invalid-input'],
      ['NUL in an id', thing({}, { entityId: 'a\0b' }), 'invalid-value'],
      ['NUL in a scope', thing({}, { scope: 'we\0st' }), 'not-your-scope'],
      ['NUL in the name of a dataset', thing({}, { dataset: 'th\0ings' }), 'unknown-dataset'],
      ['half a character in a text', thing({ name: 'a\ud800b' }), 'invalid-input'],
      ['half a character in an id', thing({}, { entityId: 'a\udc00' }), 'invalid-value'],
      ['a control character in an id', thing({}, { entityId: 'a\nb' }), 'invalid-value'],
      ['no id', thing({}, { entityId: '' }), 'invalid-value'],
      ['an id that is no text', thing({}, { entityId: 7 }), 'invalid-value'],
      ['an id that is too long', thing({}, { entityId: 'x'.repeat(129) }), 'invalid-value'],
      ['NaN', thing({ count: NaN }), 'invalid-input'],
      ['infinity', thing({ count: Infinity }), 'invalid-input'],
      ['infinity the other way, as a decimal', thing({ amount: -Infinity }), 'invalid-input'],
      ['an integer beyond the safe ones', thing({ count: 2 ** 53 }), 'invalid-input'],
      ['a fraction for an integer', thing({ count: 1.5 }), 'invalid-input'],
      ['a decimal with five places', thing({ amount: '1.00001' }), 'invalid-input'],
      [
        'a decimal with fifteen digits before the point',
        thing({ amount: '100000000000000' }),
        'invalid-input',
      ],
      ['a decimal that is none', thing({ amount: '1e3x' }), 'invalid-input'],
      ['a decimal whose double does not fit', thing({ amount: '99999999999999.9999' }), 'invalid-value'],
      ['the 30th of February', thing({ soldOn: '2026-02-30' }), 'invalid-input'],
      ['the year 0', thing({ soldOn: '0000-01-01' }), 'invalid-input'],
      ['the year 10000', thing({ soldOn: '10000-01-01' }), 'invalid-input'],
      ['a time without a zone', thing({ seenAt: '2026-04-01T09:30:00' }), 'invalid-input'],
      ['an unknown field', thing({ colour: 'red' }), 'invalid-input'],
      ['more than 2 MiB', thing({ order: '😀'.repeat(600_000) }), 'event-too-large'],
      ['nobody as its author', { ...thing({}), actor: '' }, 'invalid-value'],
      ['half a character in its author', { ...thing({}), actor: 'a\ud800' }, 'invalid-value'],
    ];

    it('is refused with the same error as everywhere, and leaves no trace', async () => {
      const { ledger } = await world.office();
      const outcomes = await ledger.submitAll(bad.map(([, submission]) => submission));
      const told = outcomes.map((outcome, index) => [
        bad[index]![0],
        outcome.ok ? 'accepted' : errorType(outcome.error),
      ]);
      expect(told).toEqual(bad.map(([what, , type]) => [what, type]));
      expect(await allEvents(ledger)).toEqual([]);
      expect(await ledger.submit(thing({ count: -0, amount: '-0.00' }))).toMatchObject({
        logged: { event: { data: { count: 0, amount: '0' } } },
      });
    });

    it('is refused as well when it comes alone', async () => {
      const { ledger } = await world.office();
      for (const [what, submission, type] of bad.slice(0, 9))
        expect([what, (await failureOf(ledger.submit(submission)))?.type]).toEqual([what, type]);
    });
  });
}
