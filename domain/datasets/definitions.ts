import { type EntityKey, type JsonObject, SHARED_SCOPE } from '../event.ts';
import { winningValues } from '../office/present.ts';
import type { EntityState } from '../office/entity-state.ts';
import { newestPolicies, withPoliciesInForce } from '../conflict/policies-in-force.ts';
import { Catalogue } from './catalogue.ts';
import type { Dataset } from './dataset.ts';
import { DEFINITIONS, isEvolutionField } from './event-types.ts';
import { addedDataset, type Evolved, evolveDataset } from './evolution.ts';
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

export interface Defined {
  readonly catalogue: Catalogue;
  /** Datasets that stay at the version before. */
  readonly unfit: readonly Unfit[];
}

/**
 * What the datasets are that an office declares, after all that the head has changed about them. A version that the
 * declaration has reached by itself counts as carried out.
 */
export function definedBy(declared: Catalogue, state: EntityState | null): Defined {
  const datasets = new Map(declared.all.map((dataset) => [dataset.name, dataset]));
  const unfit: Unfit[] = [];
  const stuck = new Set<string>();
  for (const evolution of evolutionsIn(state)) {
    const { dataset, to } = evolution;
    if (stuck.has(dataset)) continue; // one change after the other, or not at all
    const next = carryOut(datasets, declared, evolution);
    if (!('reason' in next)) datasets.set(next.name, next);
    else unfit.push({ dataset, version: to, reason: next.reason });
    if ((datasets.get(dataset)?.version ?? 0) < to) stuck.add(dataset);
  }
  const policies = newestPolicies(state === null ? {} : winningValues(state));
  const ruled = [...datasets.values()].map((dataset) =>
    withPoliciesInForce(dataset, policies.get(dataset.name)),
  );
  return { catalogue: new Catalogue(ruled), unfit };
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

function carryOut(
  datasets: ReadonlyMap<string, Dataset>,
  declared: Catalogue,
  { dataset: name, to, changes }: Evolution,
): Dataset | { readonly reason: string } {
  const known = datasets.get(name);
  if (known === undefined) return begin(datasets, name, to, addedDataset(changes));
  if ((declared.named(name)?.version ?? 0) >= to) return known;
  if (known.version === to) return joined(known, changes);
  if (known.version + 1 < to) return { reason: `version ${known.version + 1} of it is missing here` };
  const evolved = evolveDataset(known, changes);
  return 'problems' in evolved ? { reason: evolved.problems.join('; ') } : evolved.dataset;
}

function begin(
  datasets: ReadonlyMap<string, Dataset>,
  name: string,
  to: number,
  added: Evolved,
): Dataset | { readonly reason: string } {
  if ('problems' in added) return { reason: added.problems.join('; ') };
  const { dataset } = added;
  if (dataset.name === name && dataset.version === to) return withoutClash(datasets, dataset);
  return { reason: `its declaration says ${dataset.name} version ${dataset.version}` };
}

/** Two lives of the head made a version of one number: it is what both made of it. A change that both made is one. */
function joined(known: Dataset, changes: readonly SchemaChange[]): Dataset | { readonly reason: string } {
  const evolved = evolveDataset(known, changes);
  if (!('problems' in evolved))
    return { ...evolved.dataset, version: known.version, before: known.before ?? known };
  return isCarriedOut(known, changes) ? known : { reason: evolved.problems.join('; ') };
}

/** Whether the version before comes out as the dataset is, or as a part of it. */
function isCarriedOut({ before, fields }: Dataset, changes: readonly SchemaChange[]): boolean {
  const evolved = before === undefined ? null : evolveDataset(before, changes);
  if (evolved === null || 'problems' in evolved) return false;
  const same = (key: string) => JSON.stringify(fields[key]) === JSON.stringify(evolved.dataset.fields[key]);
  return Object.keys(evolved.dataset.fields).every(same);
}

/** Another one may have been declared here under its noun. */
function withoutClash(
  datasets: ReadonlyMap<string, Dataset>,
  dataset: Dataset,
): Dataset | { readonly reason: string } {
  const other = [...datasets.values()].find(
    ({ name, noun }) => name !== dataset.name && noun === dataset.noun,
  );
  return other === undefined ? dataset : { reason: `"${other.name}" has the noun "${dataset.noun}" already` };
}
