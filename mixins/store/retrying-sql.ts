import type { Sql } from './sql.ts';
import { seenByCaller, type TransactionRunner } from './run-transaction.ts';

/** As many as a pool may hold connections that a restart of the server has broken, and a few. */
const MOST_ATTEMPTS = 12;

/**
 * Reads outside of transactions: one that met a dead connection, or lost against a transaction, is asked again,
 * since it changes nothing. Its errors are those that callers know.
 */
export function retryingSql(runner: TransactionRunner): Sql {
  const read = async <T>(ask: (sql: Sql) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask(runner.database.read);
      } catch (error) {
        const trouble = runner.diagnose(error);
        const isPassing = trouble === 'lost' || trouble === 'again';
        if (!isPassing || attempt >= MOST_ATTEMPTS) throw seenByCaller(runner, error);
      }
    }
  };
  const readOnly = async (): Promise<never> => {
    throw new Error('Writes belong into a transaction');
  };
  return {
    family: runner.database.family,
    all: (text, values) => read((sql) => sql.all(text, values)),
    find: (lookup, keys) => read((sql) => sql.find(lookup, keys)),
    script: (text) => read((sql) => sql.script(text)),
    run: readOnly,
    insert: readOnly,
    upsert: readOnly,
    runByKey: readOnly,
  };
}
