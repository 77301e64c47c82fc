// fast-check as the unit tests get it here: the same examples for every mutant, fewer of them, and no search for
// the smallest one that fails.
import fc, { type IRawProperty, type Parameters } from 'fast-check';

const CHANCE = 20_260_701;
const MOST_RUNS = 60;

function assert<T>(property: IRawProperty<T>, { numRuns = MOST_RUNS, ...rest }: Parameters<T> = {}): unknown {
  const runs = Math.min(numRuns, MOST_RUNS);
  return fc.assert(property, { seed: CHANCE, ...rest, numRuns: runs, endOnFailure: true });
}

export default { ...fc, assert };
