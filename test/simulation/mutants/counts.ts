import type { Mutant } from './mutant.ts';

/** What becomes of counts to which several offices add. */
export const COUNT_MUTANTS: readonly Mutant[] = [
  {
    name: 'takes-an-addition-for-a-number',
    harm: 'who sells two of ten boxes leaves minus two of them',
    file: 'domain/office/counting.ts',
    find: `return { value: plus(to, change) };`,
    replace: `return { value: plus(change, minus(to, to)) };`,
  },
  {
    name: 'forgets-a-side-of-a-count',
    harm: 'a ruling on a count leaves out what one of the contenders took',
    file: 'domain/conflict/count.ts',
    find: `if (upTo > from) sum = plus(sum, added(reached, from, upTo));`,
    replace: `if (upTo > from && sum === begin.value) sum = plus(sum, added(reached, from, upTo));`,
  },
  {
    name: 'settles-equal-counts',
    harm: 'two offices that each sold one of three boxes have two left between them',
    file: 'domain/conflict/detect.ts',
    find: `else if (counted.has(field) || !sameValue(values.get(field)!, value)) disputed.add(field);`,
    replace: `else if (!sameValue(values.get(field)!, value)) disputed.add(field);`,
  },
  {
    name: 'counts-a-request-again',
    harm: 'an addition that a restored branch is asked for again is counted twice',
    file: 'domain/sync/recount.ts',
    find: `if (!isSame || !a.type.endsWith('Amended')) return NONE;`,
    replace: `if (!isSame || a.type.endsWith('Amended')) return NONE;`,
  },
];
