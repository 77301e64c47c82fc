import { sales } from '../../domain/datasets/sales.ts';
import { errorType } from '../../domain/errors.ts';
import type { CommandSubmission } from '../../mixins/ledger/ledger.ts';
import type { Store } from '../../mixins/store/store.ts';
import {
  allEvents,
  expectChained,
  expectFoldedFromNothing,
  expectGapFreePositions,
} from './ledger-checks.ts';
import { failureOf, type LedgerWorld, type Office, withWork } from './ledger-world.ts';
import { amend, named, record } from './ledger-commands.ts';

/** What every ledger promises for appends, whatever the database. */
export function appendContract(world: LedgerWorld): void {
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
}
