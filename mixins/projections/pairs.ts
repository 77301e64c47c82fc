import type { Dataset } from '../../domain/datasets/dataset.ts';
import type { EntityKey } from '../../domain/event.ts';
import { type KnownEntity, knownEntity } from '../../domain/projections/known-entity.ts';
import type { Moment } from '../../domain/projections/moment.ts';
import { Slices } from '../slices.ts';
import type { EntityHistory } from '../store/projections/known-events.ts';

/** An entity at two moments. */
export interface EntityPair {
  readonly key: EntityKey;
  readonly before: KnownEntity | null;
  readonly after: KnownEntity | null;
  /** What folding it failed with, if it did. */
  readonly failure?: unknown;
}

/** Folds entities as they were known at two moments; null stands for a moment before everything. */
export async function pairsOf(
  dataset: Dataset,
  histories: readonly EntityHistory[],
  from: Moment | null,
  to: Moment,
  until: string | null = null,
): Promise<EntityPair[]> {
  const pairs: EntityPair[] = [];
  const slices = new Slices();
  for (const history of histories) {
    pairs.push(pairOf(dataset, history, from, to, until));
    if (slices.isOver) await slices.next();
  }
  return pairs;
}

export function pairOf(
  dataset: Dataset,
  { key, events, late }: EntityHistory,
  from: Moment | null,
  to: Moment,
  until: string | null,
): EntityPair {
  const known = (moment: Moment): KnownEntity | null => {
    const all = late.knownAt(events, moment);
    return knownEntity(dataset, until === null ? all : all.filter(({ at }) => at <= until));
  };
  const before = from === null ? null : knownBefore(() => known(from));
  try {
    return { key, before, after: known(to) };
  } catch (failure) {
    return { key, before, after: null, failure };
  }
}

/** What could not be folded was set aside: nothing of it is entered anywhere. A late change may have mended it. */
function knownBefore(known: () => KnownEntity | null): KnownEntity | null {
  try {
    return known();
  } catch {
    return null;
  }
}
