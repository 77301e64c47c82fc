import type { Dataset } from '../../domain/datasets/dataset.ts';
import { byKey } from '../../domain/datasets/shown.ts';
import { errorType, isTransient } from '../../domain/errors.ts';
import type { CommandSubmission, SubmittedOutcome } from '../../mixins/ledger/ledger.ts';
import type { Office } from '../../mixins/office.ts';
import { problemType } from '../problem.ts';
import { assertScope, homeOf } from './scope.ts';

export interface ImportRow {
  /** That of the sheet, or derived like the other. */
  readonly id: string;
  /** Derived from what is imported, so that a second import adds nothing. */
  readonly eventId: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ImportResult {
  readonly added: number;
  /** Were imported before, out of the same line. */
  readonly known: number;
  /** Were here already under their ids; not changed. */
  readonly existing: number;
  readonly refused: readonly { readonly index: number; readonly type: string; readonly reason: string }[];
}

const ACTOR = 'import';

/** Records many entities at once, each for itself: a bad one does not hurt the others. */
export async function importRows(
  office: Office,
  dataset: Dataset,
  of: string | undefined,
  rows: readonly ImportRow[],
): Promise<ImportResult> {
  const scope = of ?? homeOf(office, dataset);
  await assertScope(office, dataset, scope);
  const submissions = rows.map((row) => submissionOf(dataset, scope, row));
  const outcomes = await outcomesOf(office, submissions);
  const failed = outcomes.find((outcome) => !outcome.ok && isTransient(outcome.error));
  if (failed !== undefined && !failed.ok) throw failed.error;
  const isKnown = (outcome: SubmittedOutcome) => outcome.ok && outcome.replayed;
  const exists = (outcome: SubmittedOutcome) => !outcome.ok && errorType(outcome.error) === 'already-exists';
  return {
    added: outcomes.filter((outcome) => outcome.ok && !outcome.replayed).length,
    known: outcomes.filter(isKnown).length,
    existing: outcomes.filter(exists).length,
    refused: outcomes.flatMap((outcome, index) =>
      outcome.ok || exists(outcome) ? [] : [{ index, ...refusalOf(outcome.error) }],
    ),
  };
}

/** A row that is not to be submitted says why: it may name what is no field any more. */
type Read = CommandSubmission | { readonly error: unknown };

function submissionOf(dataset: Dataset, scope: string, { id, eventId, fields }: ImportRow): Read {
  try {
    const command = {
      ...({ type: 'record', dataset: dataset.name, scope, entityId: id } as const),
      fields: byKey(dataset, fields),
    };
    return { command, actor: ACTOR, eventId };
  } catch (error) {
    return { error };
  }
}

async function outcomesOf(office: Office, read: readonly Read[]): Promise<SubmittedOutcome[]> {
  const good = read.filter((one): one is CommandSubmission => !('error' in one));
  const outcomes = await office.ledger().submitAll(good);
  let next = 0;
  return read.map((one) => ('error' in one ? { ok: false, error: one.error } : outcomes[next++]!));
}

function refusalOf(error: unknown): { type: string; reason: string } {
  return { type: problemType(error), reason: error instanceof Error ? error.message : String(error) };
}
