import { type EntityKey, SHARED_SCOPE } from '../event.ts';
import { winningValues } from '../office/present.ts';
import type { EntityState } from '../office/entity-state.ts';
import { newestPolicies, withPoliciesInForce } from '../conflict/policies-in-force.ts';
import { Catalogue } from './catalogue.ts';
import type { Dataset } from './dataset.ts';
import { DEFINITIONS, isEvolutionField } from './event-types.ts';
import { addedDataset, evolveDataset } from './evolution.ts';
import { type Evolution, readEvolution } from './schema-change.ts';

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
  const unfit = new Map<string, Unfit>();
  for (const evolution of evolutionsIn(state)) {
    if (unfit.has(evolution.dataset)) continue; // one change after the other, or not at all
    const next = carryOut(datasets, evolution);
    if ('reason' in next)
      unfit.set(evolution.dataset, {
        dataset: evolution.dataset,
        version: evolution.to,
        reason: next.reason,
      });
    else datasets.set(next.name, next);
  }
  const policies = newestPolicies(state === null ? {} : winningValues(state));
  const ruled = [...datasets.values()].map((dataset) =>
    withPoliciesInForce(dataset, policies.get(dataset.name)),
  );
  return { catalogue: new Catalogue(ruled), unfit: [...unfit.values()] };
}

/** The newest version of a dataset that the head has spoken of; 0 when it never has. */
export function newestVersion(state: EntityState | null, dataset: string): number {
  return evolutionsIn(state).reduce(
    (newest, evolution) => (evolution.dataset === dataset ? Math.max(newest, evolution.to) : newest),
    0,
  );
}

/** By dataset and version. */
function evolutionsIn(state: EntityState | null): Evolution[] {
  if (state === null) return [];
  const evolutions = Object.entries(winningValues(state))
    .filter(([field]) => isEvolutionField(field))
    .map(([, value]) => readEvolution(value as Parameters<typeof readEvolution>[0]))
    .filter((read): read is Evolution => !('reason' in read));
  return evolutions.sort((a, b) => a.to - b.to);
}

function carryOut(
  datasets: ReadonlyMap<string, Dataset>,
  { dataset: name, to, changes }: Evolution,
): Dataset | { readonly reason: string } {
  const known = datasets.get(name);
  if (known !== undefined && known.version >= to) return known;
  if (known !== undefined && known.version + 1 < to)
    return { reason: `version ${known.version + 1} of it is missing here` };
  const evolved = known === undefined ? addedDataset(changes) : evolveDataset(known, changes);
  if ('problems' in evolved) return { reason: evolved.problems.join('; ') };
  if (evolved.dataset.name !== name || evolved.dataset.version !== to)
    return { reason: `its declaration says ${evolved.dataset.name} version ${evolved.dataset.version}` };
  return withoutClash(datasets, evolved.dataset);
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
