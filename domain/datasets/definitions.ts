import { type EntityKey, type JsonObject, SHARED_SCOPE } from '../event.ts';
import { winningValues } from '../office/present.ts';
import type { EntityState } from '../office/entity-state.ts';
import { newestPolicies, withPoliciesInForce } from '../conflict/policies-in-force.ts';
import { DomainError } from '../errors.ts';
import { Catalogue } from './catalogue.ts';
import { checkDataset } from './check-dataset.ts';
import type { Dataset } from './dataset.ts';
import { DEFINITIONS, isEvolutionField } from './event-types.ts';
import { addedDataset, type Evolved, evolveDataset } from './evolution.ts';
import { missingFrom } from './missing-changes.ts';
import { type Evolution, readEvolution, type SchemaChange } from './schema-change.ts';

/** All that the head has changed about datasets is one entity, so that changes come in one order everywhere. */
export const CATALOGUE_KEY: EntityKey = {
  dataset: DEFINITIONS,
  scope: SHARED_SCOPE,
  entityId: 'catalogue',
};

/** A change that an office has and cannot carry out. */
export interface Unfit {
  readonly dataset: string;
  readonly version: number;
  readonly reason: string;
}

/** For people, at the office that it is of. */
export function unfitText({ dataset, version, reason }: Unfit): string {
  return `${dataset} version ${version} is not carried out here: ${reason}`;
}

export interface Defined {
  readonly catalogue: Catalogue;
  /** Datasets that stay at the version before. */
  readonly unfit: readonly Unfit[];
}

/**
 * What the datasets are that an office declares, after all that the head has changed about them. A version that the
 * declaration has reached by itself counts as carried out, and is unfit unless it has what the head changed.
 */
export function definedBy(declared: Catalogue, state: EntityState | null): Defined {
  const datasets = new Map(declared.all.map((dataset) => [dataset.name, dataset]));
  const evolutions = evolutionsIn(state);
  const unfit = hidden(declared, evolutions);
  for (const evolution of evolutions) {
    const { dataset, reason } = carryOut(datasets, declared, evolution);
    if (dataset !== null) datasets.set(dataset.name, dataset);
    if (reason !== null) unfit.push({ dataset: evolution.dataset, version: evolution.to, reason });
  }
  const policies = newestPolicies(state === null ? {} : winningValues(state));
  const ruled = [...datasets.values()].map((dataset) => {
    const under = withPoliciesInForce(dataset, policies.get(dataset.name));
    const flaw = under === dataset ? null : flawOf(under);
    if (flaw !== null) unfit.push({ dataset: dataset.name, version: dataset.version, reason: flaw });
    return flaw === null ? under : dataset;
  });
  return { catalogue: new Catalogue(ruled), unfit };
}

/** Policies that the head decided on may not go with what is declared here. */
function flawOf(dataset: Dataset): string | null {
  try {
    checkDataset(dataset);
    return null;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.message;
  }
}

/** The version before, under the policies that are in force; null for the first one. */
export function versionBefore({ before, policies }: Dataset): Dataset | null {
  if (before === undefined) return null;
  const fields = Object.entries(policies.fields).filter(([field]) => Object.hasOwn(before.fields, field));
  return { ...before, policies: { ...policies, fields: Object.fromEntries(fields) } };
}

/** The newest version of a dataset that the head has spoken of; 0 when it never has. */
export function newestVersion(state: EntityState | null, dataset: string): number {
  return evolutionsIn(state).reduce(
    (newest, evolution) => (evolution.dataset === dataset ? Math.max(newest, evolution.to) : newest),
    0,
  );
}

/** In order of version, and those of one version in the order in which lives of the head made them. */
function evolutionsIn(state: EntityState | null): Evolution[] {
  if (state === null) return [];
  const evolutions = state.writers.flatMap(({ epoch, values }) =>
    Object.entries(values).flatMap(([field, value]) => {
      const read = isEvolutionField(field) ? readEvolution(value as JsonObject) : null;
      return read === null || 'reason' in read ? [] : [{ ...read, epoch }];
    }),
  );
  return evolutions.sort((a, b) => a.to - b.to || a.epoch - b.epoch);
}

/** What comes of it, and why not all of it does. */
interface CarriedOut {
  readonly dataset: Dataset | null;
  readonly reason: string | null;
}

function carryOut(
  datasets: ReadonlyMap<string, Dataset>,
  declared: Catalogue,
  { dataset: name, to, changes }: Evolution,
): CarriedOut {
  const known = datasets.get(name);
  if (known === undefined) return begin(datasets, name, to, addedDataset(changes));
  if ((declared.named(name)?.version ?? 0) >= to || isCarriedOut(known, to, changes))
    return { dataset: known, reason: null };
  if (known.version + 1 < to)
    return { dataset: null, reason: `version ${known.version + 1} of it is missing here` };
  const before = known.version === to ? (known.before ?? known) : known;
  const { dataset, reason } = asFarAsItGoes(known, changes);
  return { dataset: { ...dataset, version: to, before }, reason };
}

/** Of a declaration that says a version by itself without all that the head has changed until then: it hides that. */
function hidden({ all }: Catalogue, evolutions: readonly Evolution[]): Unfit[] {
  return all.flatMap((own) => {
    const passed = evolutions.filter(({ dataset, to }) => dataset === own.name && to <= own.version);
    const missing = missingFrom(
      own,
      passed.flatMap(({ changes }) => changes),
    );
    if (missing.length === 0) return [];
    const reason = `its declaration says version ${own.version} without what the head has changed: ${missing.join(', ')}; make it the same, or put its version back`;
    return [{ dataset: own.name, version: own.version, reason }];
  });
}

function begin(datasets: ReadonlyMap<string, Dataset>, name: string, to: number, added: Evolved): CarriedOut {
  const unfit = (reason: string): CarriedOut => ({ dataset: null, reason });
  if ('problems' in added) return unfit(added.problems.join('; '));
  const { dataset } = added;
  if (dataset.name !== name || dataset.version !== to)
    return unfit(`its declaration says ${dataset.name} version ${dataset.version}`);
  const other = [...datasets.values()].find(({ noun }) => noun === dataset.noun);
  if (other !== undefined) return unfit(`"${other.name}" has the noun "${dataset.noun}" already`);
  return { dataset, reason: null };
}

/**
 * Each change that can be made. One that cannot does not go with what another life of the head has changed, or with what is
 * declared here: it is left out, and holds up none that come after it.
 */
function asFarAsItGoes(known: Dataset, changes: readonly SchemaChange[]) {
  let dataset = known;
  const problems: string[] = [];
  for (const change of changes) {
    const evolved = evolveDataset(dataset, [change]);
    if ('problems' in evolved) problems.push(...evolved.problems);
    else dataset = evolved.dataset;
  }
  return { dataset, reason: problems.length === 0 ? null : problems.join('; ') };
}

/** Two lives of the head may have made the same change, under the same number. */
function isCarriedOut(
  { version, before, fields }: Dataset,
  to: number,
  changes: readonly SchemaChange[],
): boolean {
  const evolved = version !== to || before === undefined ? null : evolveDataset(before, changes);
  if (evolved === null || 'problems' in evolved) return false;
  const same = (key: string) => JSON.stringify(fields[key]) === JSON.stringify(evolved.dataset.fields[key]);
  return Object.keys(evolved.dataset.fields).every(same);
}
