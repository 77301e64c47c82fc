import type { Mutant } from './mutant.ts';

/** What the sides of a conflict become. */
export const CONFLICT_MUTANTS: readonly Mutant[] = [
  {
    name: 'last-writer-by-wall-clock',
    harm: 'of two edits the one with the later clock stands, and the other disappears without a case',
    file: 'domain/office/evolve.ts',
    find: `const left = covers(event.clock, writer) ? without(writer.values, writes) : writer.values;`,
    replace: `const left = event.at > writer.at ? without(writer.values, writes) : writer.values;`,
  },
  {
    name: 'detects-conflicts-by-time',
    harm: 'two blind edits that are minutes apart are no conflict, and one of them is lost unseen',
    file: 'domain/office/fold.ts',
    find: `const concurrent = before !== null && !includes(event.clock, before.clock);`,
    replace: `const concurrent =
      before !== null && event.at < before.updatedAt && !includes(event.clock, before.clock);`,
  },
  {
    name: 'rules-without-covering-a-side',
    harm: 'a ruling leaves one side standing, and the conflict is never over',
    file: 'domain/office/append.ts',
    find: `const clock = advanceClock(state?.clock ?? EMPTY_CLOCK, dot);`,
    replace: `const seen = Object.entries(state?.clock ?? EMPTY_CLOCK);
    const covered = decided.type === 'ConflictResolved' ? seen.slice(1) : seen;
    const clock = advanceClock(Object.fromEntries(covered), dot);`,
  },
  {
    name: 'void-loses-to-amend',
    harm: 'a voided sale comes back to life because somebody else changed its tax',
    file: 'domain/office/present.ts',
    find: `return state.writers.findLast((writer) => writer.values[STATUS_FIELD] === 'voided') ?? null;`,
    replace: `const last = state.writers.at(-1);
  return last?.values[STATUS_FIELD] === 'voided' ? last : null;`,
  },
  {
    name: 'breaks-ties-by-arrival',
    harm: 'two offices that hold the same events show different values',
    file: 'domain/office/evolve.ts',
    find: `while (place > 0 && compareWriters(writers[place - 1]!, writer) > 0) place -= 1;`,
    replace: `while (place > writers.length && compareWriters(writers[place - 1]!, writer) > 0) place -= 1;`,
  },
  {
    name: 'keeps-every-side-apart',
    harm: 'two offices that edit blindly a hundred times make a case of a hundred sides',
    file: 'domain/conflict/detect.ts',
    find: `sides.set(lifeOf(writer), joinSides(sides.get(lifeOf(writer)), sideOf(writer, values)));`,
    replace: `sides.set(\`\${lifeOf(writer)}:\${writer.seq}\`, joinSides(undefined, sideOf(writer, values)));`,
  },
  {
    name: 'rules-over-a-side-it-never-weighed',
    harm: 'an edit that came while somebody ruled is overwritten by the ruling, unseen',
    file: 'domain/office/decide.ts',
    find: `contendersOf(state, disputed).every((side) => weighed.has(dotName(side)));`,
    replace: `contendersOf(state, disputed).some((side) => weighed.has(dotName(side)));`,
  },
  {
    name: 'forgets-open-cases-after-an-unknown-commit',
    harm: 'a conflict that came with a batch whose commit broke off is not ruled on when it comes to light',
    file: 'mixins/ledger/head-ledger.ts',
    find: `if (isKnown) await this.#tellAgain(batch.events);`,
    replace: `if (isKnown) await this.#tellAgain([]);`,
  },
];
