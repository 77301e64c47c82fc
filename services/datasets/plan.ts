import type { Dataset } from '../../domain/datasets/dataset.ts';
import { CATALOGUE_KEY, newestVersion } from '../../domain/datasets/definitions.ts';
import { addedDataset, evolveDataset } from '../../domain/datasets/evolution.ts';
import { readChanges, type SchemaChange } from '../../domain/datasets/schema-change.ts';
import { assertInvariant, DomainError } from '../../domain/errors.ts';
import type { EvolveDataset } from '../../domain/office/commands.ts';
import { decideEvolution, EVOLUTION_VERSION } from '../../domain/office/evolve-dataset.ts';
import type { Office } from '../../mixins/office.ts';
import { plannedStatements } from '../../mixins/store/datasets/planned-changes.ts';
import type { OfficeRow, Store } from '../../mixins/store/store.ts';
import { unknownDataset } from '../dataset/dataset-of.ts';

export interface PlanParams {
  readonly dataset: string;
  readonly changes: readonly unknown[];
  /** The version that whoever asks has looked at. */
  readonly expected?: number;
}

export const PLAN_PARAMS = {
  dataset: { type: 'string', min: 1, max: 32, doc: { description: 'Which one; or the new one.' } },
  changes: {
    type: 'array',
    min: 1,
    max: 100,
    items: { type: 'object', doc: { description: 'See docs/DATASETS.md: `{"kind": "add-field", ...}`.' } },
  },
  expected: { type: 'number', integer: true, min: 0, optional: true },
} as const;

/** What becomes of a change of a dataset, before anybody makes it. */
export interface Plan {
  readonly dataset: string;
  /** null for one that is added. */
  readonly from: number | null;
  readonly to: number;
  readonly changes: readonly SchemaChange[];
  /** What each family of databases runs, nothing where there is room already; empty when it cannot be told any more. */
  readonly databases: readonly { readonly family: Store['family']; readonly statements: readonly string[] }[];
  /** Offices that will not take the change up when it reaches them, and why; they go on selling as before. */
  readonly waiting: readonly { readonly office: string; readonly reason: string }[];
}

const FAMILIES: readonly Store['family'][] = ['sqlite', 'postgresql', 'mariadb', 'mysql'];

/** @throws DomainError `only-at-the-head`, `unknown-dataset`, `invalid-input`, `dataset-changing`, `dataset-changed` */
export async function planChange(office: Office, params: PlanParams): Promise<Plan> {
  const command = evolveCommand(office, params);
  const state = await office.ledger().read.entity(CATALOGUE_KEY);
  const known = office.datasets.named(params.dataset);
  if (known === null && newestVersion(state, params.dataset) === 0 && !params.changes.some(isAddition))
    throw unknownDataset(office, params.dataset);
  decideEvolution(command, state, known);
  const { dataset: next, changes } = nextOf(known, command.changes);
  assertOwnNoun(office, next);
  const from = known?.version ?? null;
  const databases = databasesFor(known, next);
  return withWaiting(office, { dataset: next.name, from, to: next.version, changes, databases });
}

export function databasesFor(known: Dataset | null, next: Dataset): Plan['databases'] {
  return FAMILIES.map((family) => ({ family, statements: plannedStatements(known, next, family) }));
}

/** Who has to wait is as the head knows it now. */
export async function withWaiting(office: Office, change: Omit<Plan, 'waiting'>): Promise<Plan> {
  const branches = (await office.ledger().read.offices()).filter(({ status }) => status === 'active');
  const waiting = branches.flatMap((branch) => {
    const reason = whyNotYet(branch, change);
    return reason === null ? [] : [{ office: branch.office, reason }];
  });
  return { ...change, waiting };
}

function isAddition(change: unknown): boolean {
  return (change as { kind?: unknown } | null)?.kind === 'add-dataset';
}

function assertOwnNoun({ datasets }: Office, { name, noun }: Dataset): void {
  const other = datasets.all.find((one) => one.name !== name && one.noun === noun);
  if (other === undefined) return;
  const reason = `"${noun}" is that of ${other.name}`;
  throw new DomainError('invalid-input', `${name} cannot be added so: its noun ${reason}`, {
    problems: [{ field: 'noun', reason }],
  });
}

/** @throws DomainError `only-at-the-head` */
export function evolveCommand({ config }: Office, { dataset, changes, expected }: PlanParams): EvolveDataset {
  if (config.role !== 'head')
    throw new DomainError('only-at-the-head', 'Only the head changes datasets; ask there', {
      office: config.office,
    });
  const known = expected === undefined ? {} : { expected };
  return { type: 'evolve-dataset', ...CATALOGUE_KEY, evolves: dataset, changes, ...known };
}

/** The dataset as it is after a change, and the change as it is written. */
export interface Next {
  readonly dataset: Dataset;
  readonly changes: readonly SchemaChange[];
}

/** Of a change that was decided on. */
export function nextOf(known: Dataset | null, given: unknown): Next {
  const read = readChanges(given);
  const next = 'problems' in read ? null : made(known, read.changes);
  assertInvariant('changes' in read && next !== null, 'a change that was decided on can be made');
  return { dataset: next, changes: read.changes };
}

/** null when the changes cannot be made. */
export function made(known: Dataset | null, changes: readonly SchemaChange[]): Dataset | null {
  const evolved = known === null ? addedDataset(changes) : evolveDataset(known, changes);
  return 'dataset' in evolved ? evolved.dataset : null;
}

function whyNotYet(
  { datasets, lastContactAtMs }: OfficeRow,
  { dataset: name, from }: Pick<Plan, 'dataset' | 'from'>,
): string | null {
  const { evolutions, versions } = datasets;
  if (evolutions < EVOLUTION_VERSION)
    return lastContactAtMs === 0
      ? 'has not been heard from yet'
      : 'runs a program that does not know such changes: it keeps what is written in the new version until it is upgraded';
  if (from === null) return null;
  if (versions[name] === undefined) return `does not have ${name}`;
  return null;
}
