import type { Sql } from './sql.ts';
import { seenByCaller, type TransactionRunner } from './run-transaction.ts';

/**
 * Reads outside of transactions: one that met a dead connection, or lost against a transaction, is asked once
 * more, since it changes nothing. Its errors are those that callers know.
 */
export function retryingSql(runner: TransactionRunner): Sql {
  const read = async <T>(ask: (sql: Sql) => Promise<T>): Promise<T> => {
    try {
      return await ask(runner.database.read);
    } catch (error) {
      const trouble = runner.diagnose(error);
      if (trouble !== 'lost' && trouble !== 'again') throw seenByCaller(runner, error);
    }
    try {
      return await ask(runner.database.read);
    } catch (error) {
      throw seenByCaller(runner, error);
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
