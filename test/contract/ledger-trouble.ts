import { DatabaseSync } from 'node:sqlite';
import { jest } from '@jest/globals';
import { DomainError, errorType } from '../../domain/errors.ts';
import type { Store } from '../../mixins/store/store.ts';
import type { DatabaseKind } from '../harness/environment.ts';
import { eventually } from '../harness/wait.ts';
import { allEvents, expectChained, expectFoldedFromNothing } from './ledger-checks.ts';
import { changed, failureOf, type LedgerWorld } from './ledger-world.ts';
import { amend, named, record } from './ledger-commands.ts';

const SQLITE_BUSY = 5;

/** An append happens once, whatever befalls the transaction, the answer or the database. */
export function troubleContract(kind: DatabaseKind, world: LedgerWorld): void {
  const isServer = kind !== 'sqlite';

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
}
