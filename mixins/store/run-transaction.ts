import { setTimeout as after } from 'node:timers/promises';
import type { Database, DatabaseTransaction, Sql } from './sql.ts';
import { commitUnknown, databaseError, type Diagnose, isOurs } from './trouble.ts';

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
}

const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;

type Attempt<T> = { readonly result: T } | { readonly again: unknown };

/** Runs `work` until it commits, the whole of it each time; see `Store.transaction`. */
export async function runTransaction<T>(
  runner: TransactionRunner,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(runner, work);
    if ('result' in outcome) return outcome.result;
    if (attempt >= MOST_ATTEMPTS) throw seenByCaller(runner, outcome.again);
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
    if (watched.failure() !== null) throw watched.failure();
    transaction.assertConnected();
  } catch (error) {
    await transaction.rollback();
    // What `work` made of the database's refusal does not matter: the transaction failed at its first failure.
    return againOrThrow(runner, watched.failure() ?? error);
  }
  return commit(runner, transaction, result);
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
    if (trouble === 'lost' || trouble === 'away') throw commitUnknown(error, runner.shown);
    return againOrThrow(runner, error);
  }
}

function againOrThrow(runner: TransactionRunner, error: unknown): { again: unknown } {
  const trouble = isOurs(error) ? 'defect' : runner.diagnose(error);
  if (trouble === 'again' || trouble === 'lost') return { again: error };
  throw seenByCaller(runner, error);
}

export function seenByCaller({ diagnose, shown }: TransactionRunner, error: unknown): unknown {
  return isOurs(error) ? error : databaseError(diagnose(error), error, shown);
}

/** Remembers the first statement that failed: databases go on differently after one, so nothing may follow. */
function watch(sql: Sql): { sql: Sql; failure: () => unknown } {
  let failure: unknown = null;
  const watched = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      failure ??= error;
      throw error;
    }
  };
  return {
    failure: () => failure,
    sql: {
      family: sql.family,
      all: (text, values) => watched(sql.all(text, values)),
      run: (text, values) => watched(sql.run(text, values)),
      insert: (table, rows) => watched(sql.insert(table, rows)),
      upsert: (table, rows) => watched(sql.upsert(table, rows)),
      find: (lookup, keys) => watched(sql.find(lookup, keys)),
      runByKey: (text, key, keys) => watched(sql.runByKey(text, key, keys)),
      script: (text) => watched(sql.script(text)),
    },
  };
}
