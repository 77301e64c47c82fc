import { setImmediate as nextTurn } from 'node:timers/promises';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import type { AppendOutcome } from '../../domain/office/append.ts';
import { GROUP_MAX, GroupCommit, QUEUE_MAX } from '../../mixins/ledger/group-commit.ts';
import { realTime } from '../../mixins/sync/scheduler.ts';
import { failure, submission, Database, told, all } from './group-commit-database.ts';

describe('concurrent submissions', () => {
  it('of one moment share a transaction', async () => {
    const database = new Database();
    expect(await all(database.submit('a', 'b', 'c'))).toEqual(['ok', 'ok', 'ok']);
    expect(database.ids()).toEqual([['a', 'b', 'c']]);
  });

  it('gather while another transaction commits, and keep their order', async () => {
    const database = new Database();
    const go = database.stall();
    const first = database.submit('a');
    await nextTurn();
    const second = database.submit('b', 'c');
    await nextTurn();
    const third = database.submit('d');
    go();
    await all([...first, ...second, ...third]);
    expect(database.ids()).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it(`are taken ${GROUP_MAX} at a time`, async () => {
    const database = new Database();
    await all(database.submit(...Array.from({ length: GROUP_MAX + 1 }, (_, i) => `s${i}`)));
    expect(database.ids().map((ids) => ids.length)).toEqual([GROUP_MAX, 1]);
  });

  it('have each its own answer', async () => {
    const database = new Database();
    expect(await all(database.submit('a', 'refused-b', 'c'))).toEqual(['ok', 'invalid-input', 'ok']);
  });

  it('are told to who follows the log once for each transaction', async () => {
    const database = new Database();
    await all(database.submit('a', 'b'));
    expect(database.committed).toHaveLength(1);
  });

  it('beyond what is kept in memory are refused', async () => {
    const database = new Database();
    const go = database.stall();
    const kept = database.submit(...Array.from({ length: QUEUE_MAX }, (_, i) => `s${i}`));
    expect(await all(database.submit('one too many'))).toEqual(['too-many-waiting']);
    go();
    expect(new Set(await all(kept))).toEqual(new Set(['ok']));
  });

  it.each([
    ['fields', { product: 'x'.repeat(1024 * 1024) }],
    ['nested fields', { product: [{ x: ['x'.repeat(1024 * 1024)] }] }],
    [
      'many small fields',
      Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`.padEnd(80), null])),
    ],
  ])('that are large are counted by their bytes, also while they commit: %s', async (_, fields) => {
    const database = new Database();
    const go = database.stall();
    const submit = (): Promise<AppendOutcome> =>
      database.commits.submit({ ...submission('large'), command: { type: 'record', fields } as never });
    const first = submit();
    await nextTurn(); // it is in a transaction that does not end
    const rest = Array.from({ length: 99 }, submit);
    go();
    const outcomes = await all([first, ...rest]);
    const kept = outcomes.filter((outcome) => outcome === 'ok').length;
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(80);
    expect(outcomes.slice(kept)).toEqual(Array.from({ length: 100 - kept }, () => 'too-many-waiting'));
    expect(await all([submit()])).toEqual(['ok']);
  });
});

describe('a transaction that fails', () => {
  it('because the database is away fails for all, at once', async () => {
    const database = new Database().fails(failure('database-unavailable'));
    expect(await all(database.submit('a', 'b'))).toEqual(['database-unavailable', 'database-unavailable']);
    expect(database.groups).toHaveLength(1);
    expect(await all(database.submit('c'))).toEqual(['ok']);
  });

  it('by one submission’s fault is tried one by one: only that one fails', async () => {
    const database = new Database().cannotHold('b');
    expect(await all(database.submit('a', 'b', 'c'))).toEqual(['ok', 'unexpected', 'ok']);
    expect(database.ids()).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
  });

  it('lets those wait their turn that came meanwhile', async () => {
    const database = new Database().cannotHold('b');
    const first = database.submit('a', 'b');
    await Promise.resolve();
    await Promise.resolve();
    const later = database.submit('c');
    expect(await all([...first, ...later])).toEqual(['ok', 'unexpected', 'ok']);
  });
});

describe('a commit whose outcome is unknown', () => {
  const unknown = failure('commit-unknown');

  it('is settled by reading back: the submitter gets its answer', async () => {
    const database = new Database().fails(unknown);
    expect(await all(database.submit('a', 'b'))).toEqual(['ok', 'ok']);
    expect(database.groups).toEqual([
      { ids: ['a', 'b'], again: false },
      { ids: ['a', 'b'], again: true },
    ]);
  });

  it('is followed up while the database is away', async () => {
    const database = new Database().fails(unknown, failure('database-unavailable'), unknown);
    const outcomes = all(database.submit('a'));
    for (let i = 0; i < 2; i++) {
      await nextTurn();
      await database.fireTimers();
    }
    expect(await outcomes).toEqual(['ok']);
    expect(database.groups.map(({ again }) => again)).toEqual([false, true, true, true]);
  });

  it('is admitted to be unknown in the end, and the next ones go on', async () => {
    const database = new Database().fails(
      unknown,
      ...Array.from({ length: 20 }, () => failure('database-unavailable')),
    );
    const outcomes = all(database.submit('a'));
    for (let i = 0; i < 20; i++) {
      await nextTurn();
      await database.fireTimers();
    }
    expect(await outcomes).toEqual(['commit-unknown']);
    expect(await all(database.submit('b'))).toEqual(['ok']);
  });

  it('is settled as well for one that has a transaction of its own', async () => {
    const database = new Database().fails(new Error('too long'), unknown);
    const outcomes = all(database.submit('a', 'b'));
    await nextTurn();
    await database.fireTimers();
    expect(await outcomes).toEqual(['ok', 'ok']);
  });
});

describe('a listener that fails', () => {
  it('takes no answer away from those whose commands were committed', async () => {
    const commits = new GroupCommit({
      append: async () => ({
        tail: START_OF_CHAIN,
        position: 0,
        at: '',
        events: [],
        outcomes: [{ ok: true, logged: null, replayed: false, state: null }],
        changes: [],
        cases: [],
        digests: [],
      }),
      onCommitted: () => {
        throw new Error('of the listener');
      },
      scheduler: realTime,
    });
    expect(told(await commits.submit(submission('a')))).toBe('ok');
    await commits.drained();
  });
});

describe('while held', () => {
  it('submissions wait, and go on together when the hold ends', async () => {
    const database = new Database();
    database.commits.hold(true);
    const outcomes = database.submit('a', 'b');
    await nextTurn();
    expect(database.groups).toEqual([]);
    database.commits.hold(false);
    expect(await all(outcomes)).toEqual(['ok', 'ok']);
    expect(database.timers).toEqual([]);
  });

  it('what is under way is finished', async () => {
    const database = new Database();
    const go = database.stall();
    const first = database.submit('a');
    await nextTurn();
    const later = database.submit('b');
    database.commits.hold(true);
    go();
    expect(await all(first)).toEqual(['ok']);
    expect(database.ids()).toEqual([['a']]);
    database.commits.hold(false);
    expect(await all(later)).toEqual(['ok']);
  });

  it('they wait a few seconds at most: an office can always sell', async () => {
    const database = new Database();
    database.commits.hold(true);
    const outcomes = database.submit('a');
    expect(database.timers.map(({ delayMs }) => delayMs)).toEqual([10_000]);
    await database.fireTimers();
    expect(await all(outcomes)).toEqual(['ok']);
  });
});

describe('draining', () => {
  it('waits for what waits, held or not', async () => {
    const database = new Database();
    database.commits.hold(true);
    const outcomes = database.submit('a', 'b');
    await database.commits.drained();
    expect(database.ids()).toEqual([['a', 'b']]);
    expect(await all(outcomes)).toEqual(['ok', 'ok']);
    await database.commits.drained();
  });
});
