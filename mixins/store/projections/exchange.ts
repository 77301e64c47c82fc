import { errorType } from '../../../domain/errors.ts';
import { passed } from '../../moments.ts';
import { lockLog } from '../rows/log-rows.ts';
import { ONCE, runTransaction, seenByCaller, type TransactionRunner } from '../run-transaction.ts';
import { tableColumns } from '../schema-facts.ts';
import { Slots } from '../slots.ts';
import type { Sql } from '../sql.ts';
import { databaseError } from '../trouble.ts';
import { apart, changesApart, loseNoTime } from './change-tables.ts';
import type { ProjectionTx, SwapNames, SwapSteps, Target } from './projection-store.ts';
import { swapTables } from './swap-tables.ts';

export interface Exchange {
  readonly target: Target;
  readonly names: SwapNames;
  readonly steps: SwapSteps;
}

type TxOf = (sql: Sql) => ProjectionTx;

/** See `ProjectionStore.swap`. */
export function swap(runner: TransactionRunner, txOf: TxOf, exchange: Exchange): Promise<boolean> {
  return changesApart(runner.database)
    ? swapInSteps(runner, txOf, exchange)
    : swapAtOnce(runner, txOf, exchange);
}

async function swapAtOnce(
  runner: TransactionRunner,
  txOf: TxOf,
  { target, names, steps }: Exchange,
): Promise<boolean> {
  const work = async (sql: Sql): Promise<void> => {
    if (steps.locksLog) await lockLog(sql);
    const tx = txOf(sql);
    await steps.before(tx);
    await loseNoTime(sql);
    passed('exchange-noted');
    await swapTables(sql, target, names);
    passed('tables-exchanged');
    await steps.after(tx);
  };
  try {
    await runTransaction(runner, work, ONCE);
    passed('exchange-committed');
    return true;
  } catch (error) {
    if (errorType(error) !== 'busy') throw error;
    await runTransaction(runner, (sql) => steps.gaveWay(txOf(sql)));
    return false;
  }
}

/**
 * The exchange would end any transaction that it is part of. One of another connection holds the log and the row
 * meanwhile and ends with `after`: when that commits, it has held them all the time. When it does not, the row tells
 * whoever comes next to look which of the tables is where.
 */
async function swapInSteps(
  runner: TransactionRunner,
  txOf: TxOf,
  { target, names, steps }: Exchange,
): Promise<boolean> {
  // Those who wait for the log may hold all the slots there are.
  const inner = { ...runner, slots: new Slots(2) };
  const { isDone, failure } = await runTransaction(inner, async (sql) => {
    const tx = txOf(sql);
    if (steps.locksLog) await lockLog(sql);
    await runTransaction(inner, (own) => steps.before(txOf(own)));
    await steps.hold(tx);
    passed('exchange-noted');
    const failed = await exchangeSoon(runner, target, names);
    if (failed !== null) return notDone(runner, tx, { names, steps, failed });
    passed('tables-exchanged');
    await steps.after(tx);
    return { isDone: true, failure: null };
  });
  if (isDone) passed('exchange-committed');
  if (failure !== null) throw seenByCaller(runner, failure);
  return isDone;
}

/** What it failed with, if it did. */
async function exchangeSoon(
  { database }: TransactionRunner,
  target: Target,
  names: SwapNames,
): Promise<unknown> {
  try {
    await apart(database, (sql) => swapTables(sql, target, names));
    return null;
  } catch (error) {
    return error;
  }
}

async function notDone(
  { database, diagnose, ...runner }: TransactionRunner,
  tx: ProjectionTx,
  { names, steps, failed }: Pick<Exchange, 'names' | 'steps'> & { readonly failed: unknown },
): Promise<{ isDone: boolean; failure: unknown }> {
  const trouble = diagnose(failed);
  // Nobody knows whether it was done, or will be.
  if (trouble === 'lost' || trouble === 'away') throw databaseError(trouble, failed, runner.shown);
  const isStillThere = (await tableColumns(database.read, names.from)).length > 0;
  if (isStillThere) await steps.gaveWay(tx);
  // Otherwise one that was late has done it, which is found at the next look.
  return { isDone: false, failure: isStillThere && trouble !== 'again' ? failed : null };
}
