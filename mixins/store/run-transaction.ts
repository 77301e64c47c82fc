import { setTimeout as after } from 'node:timers/promises';
import type { Slots } from './slots.ts';
import type { Database, DatabaseTransaction, Sql } from './sql.ts';
import { commitUnknown, databaseError, type Diagnose, isOurs, type Trouble } from './trouble.ts';

/** Where a test may make a transaction fail. `sever` breaks its connection. */
export type FailPoint = (
  name: 'before-commit' | 'commit-sent',
  fault: { sever(): void },
) => void | Promise<void>;

export interface TransactionRunner {
  readonly database: Database;
  readonly diagnose: Diagnose;
  /** The database's name for messages. */
  readonly shown: string;
  readonly failPoint: FailPoint | null;
  readonly slots: Slots;
}

/** As many as a pool may hold connections that a restart of the server has broken, and a few. */
const MOST_ATTEMPTS = 12;
/** For work that has a better use for its time than to ask again. */
export const ONCE = 1;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;

type Attempt<T> = { readonly result: T } | { readonly again: unknown };

/** Runs `work` until it commits, the whole of it each time, `attempts` times at most; see `Store.transaction`. */
export async function runTransaction<T>(
  runner: TransactionRunner,
  work: (sql: Sql) => Promise<T>,
  attempts = MOST_ATTEMPTS,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await runner.slots.hold(() => attemptOnce(runner, work));
    if ('result' in outcome) return outcome.result;
    if (attempt >= attempts) throw seenByCaller(runner, outcome.again);
    await after(pauseMs(attempt));
  }
}

/** Doubles, with full jitter, so that those who met once do not meet again. */
function pauseMs(attempt: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
}

async function attemptOnce<T>(
  runner: TransactionRunner,
  work: (sql: Sql) => Promise<T>,
): Promise<Attempt<T>> {
  const transaction = await begin(runner);
  if ('again' in transaction) return transaction;
  const watched = watch(transaction.sql);
  let result: T;
  try {
    result = await work(watched.sql);
    await runner.failPoint?.('before-commit', transaction);
  } catch (error) {
    watched.end();
    await transaction.rollback();
    if (watched.failure() === null) throw error; // its own, whatever it looks like
    return againOrThrow(runner, watched.failure());
  }
  watched.end();
  // What `work` made of a failed statement does not matter: databases go on differently after one.
  const failure = watched.failure() ?? brokenConnection(transaction);
  if (failure === null) return commit(runner, transaction, result);
  await transaction.rollback();
  return againOrThrow(runner, failure);
}

/** A commit on a connection that is known to be broken would not be sent: that outcome is no riddle. */
function brokenConnection(transaction: DatabaseTransaction): unknown {
  try {
    transaction.assertConnected();
    return null;
  } catch (error) {
    return error;
  }
}

async function begin(runner: TransactionRunner): Promise<DatabaseTransaction | { again: unknown }> {
  try {
    return await runner.database.begin();
  } catch (error) {
    // Nothing is known to be wrong with what was asked: a connection that broke while it lay idle is replaced.
    if (runner.diagnose(error) === 'lost') return { again: error };
    throw seenByCaller(runner, error);
  }
}

async function commit<T>(
  runner: TransactionRunner,
  transaction: DatabaseTransaction,
  result: T,
): Promise<Attempt<T>> {
  try {
    await transaction.commit(() => runner.failPoint?.('commit-sent', transaction));
    return { result };
  } catch (error) {
    await transaction.rollback();
    const trouble = runner.diagnose(error);
    const isUnknown = trouble === 'lost' || trouble === 'away' || isServerFull(runner, trouble);
    if (isUnknown) throw commitUnknown(error, runner.shown);
    return againOrThrow(runner, error);
  }
}

/** SQLite without room for the commit has not committed; of a server nobody promises that. */
function isServerFull({ database }: TransactionRunner, trouble: Trouble): boolean {
  return trouble === 'full' && database.family !== 'sqlite';
}

function againOrThrow(runner: TransactionRunner, error: unknown): { again: unknown } {
  const trouble = isOurs(error) ? 'defect' : runner.diagnose(error);
  if (trouble === 'again' || trouble === 'lost') return { again: error };
  throw seenByCaller(runner, error);
}

export function seenByCaller({ diagnose, shown }: TransactionRunner, error: unknown): unknown {
  return isOurs(error) ? error : databaseError(diagnose(error), error, shown);
}

/**
 * Remembers the first statement that failed. Of several that were asked for at once, the others may go on to ask when
 * one has failed: what they ask after the end would be carried out by itself, and stay.
 */
function watch(sql: Sql): { sql: Sql; failure: () => unknown; end: () => void } {
  let failure: unknown = null;
  let isOver = false;
  const watched = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (isOver) throw new Error('The transaction is over');
    try {
      return await ask();
    } catch (error) {
      failure ??= error;
      throw error;
    }
  };
  return {
    failure: () => failure,
    end: () => {
      isOver = true;
    },
    sql: {
      family: sql.family,
      all: (text, values) => watched(() => sql.all(text, values)),
      run: (text, values) => watched(() => sql.run(text, values)),
      insert: (table, rows) => watched(() => sql.insert(table, rows)),
      upsert: (table, rows) => watched(() => sql.upsert(table, rows)),
      find: (lookup, keys) => watched(() => sql.find(lookup, keys)),
      runByKey: (text, key, keys) => watched(() => sql.runByKey(text, key, keys)),
      script: (text) => watched(() => sql.script(text)),
    },
  };
}
