import type { EntityKey } from '../../domain/event.ts';
import { entityName } from '../../domain/event.ts';
import { type FoldFailure, Sums } from '../../domain/projections/sums.ts';
import { errorType } from '../../domain/errors.ts';
import type {
  LinesTarget,
  ProjectionStore,
  ProjectionTx,
  RowsTarget,
  Target,
} from '../store/projections/projection-store.ts';
import type { EntityWrite } from '../store/store.ts';
import type { EntityPair } from './pairs.ts';

/** What is to be written, worked out before the transaction that writes it. */
export interface Prepared {
  /** By how much the number of entities that are set aside changes. */
  readonly failures: number;
  write(tx: ProjectionTx, nowMs: number): Promise<void>;
}

/** Others in this process have a turn between them. */
const ROWS_AT_ONCE = 500;

export interface WriteOptions {
  /** Under which name failures are kept. */
  readonly failuresOf: string;
  /** Whether anything is set aside under it. */
  readonly hasFailures: boolean;
  /** Nothing of these entities is in the table yet. */
  readonly isFresh: boolean;
}

export async function prepare(
  store: ProjectionStore,
  target: Target,
  pairs: readonly EntityPair[],
  options: WriteOptions,
): Promise<Prepared> {
  const keys = options.hasFailures
    ? await store.failing(
        options.failuresOf,
        pairs.map(({ key }) => key),
      )
    : [];
  const failing = new Set(keys.map(entityName));
  return target.kind === 'lines'
    ? linesOf(target, pairs, failing, options)
    : rowsOf(target, pairs, failing, options);
}

function linesOf(
  target: LinesTarget,
  pairs: readonly EntityPair[],
  failing: ReadonlySet<string>,
  { failuresOf }: WriteOptions,
): Prepared {
  const sums = new Sums(target.projection);
  for (const { key, before, after, ...failed } of pairs) {
    sums.follow(
      { key, before: before?.row ?? null, after: after?.row ?? null, ...failed },
      failing.size > 0 && failing.has(entityName(key)),
    );
  }
  const { changes, failures, mended } = sums;
  return {
    failures: countOf(failures, mended, failing),
    async write(tx, nowMs) {
      await tx.addToLines(target, changes);
      await tx.saveFailures(failuresOf, failures, nowMs);
      await tx.removeFailures(failuresOf, mended);
    },
  };
}

function countOf(
  failures: readonly EntityKey[],
  mended: readonly EntityKey[],
  failing: ReadonlySet<string>,
): number {
  return failures.filter((key) => !failing.has(entityName(key))).length - mended.length;
}

function rowsOf(
  target: RowsTarget,
  pairs: readonly EntityPair[],
  failing: ReadonlySet<string>,
  { failuresOf, isFresh }: WriteOptions,
): Prepared {
  const writes: EntityWrite[] = [];
  const gone: EntityKey[] = [];
  const failures: FoldFailure[] = [];
  for (const { key, before, after, failure } of pairs) {
    if (failure !== undefined) failures.push(failureOf(key, failure));
    if (after !== null) writes.push({ state: after.state, row: after.row, isNew: isFresh });
    else if (before !== null) gone.push(key);
  }
  const failed = new Set(failures.map(entityName));
  const mended = pairs
    .map(({ key }) => key)
    .filter((key) => failing.has(entityName(key)) && !failed.has(entityName(key)));
  return {
    failures: countOf(failures, mended, failing),
    async write(tx, nowMs) {
      for (let at = 0; at < writes.length; at += ROWS_AT_ONCE)
        await tx.putEntities(target, writes.slice(at, at + ROWS_AT_ONCE));
      if (gone.length > 0) await tx.removeEntities(target, gone);
      await tx.saveFailures(failuresOf, failures, nowMs);
      await tx.removeFailures(failuresOf, mended);
    },
  };
}

function failureOf({ dataset, scope, entityId }: EntityKey, error: unknown): FoldFailure {
  const detail = error instanceof Error ? error.message : String(error);
  return { dataset, scope, entityId, reason: errorType(error), detail };
}
