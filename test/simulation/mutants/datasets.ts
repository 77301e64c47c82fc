import type { Mutant } from './mutant.ts';

/** What becomes of datasets that change. */
export const DATASET_MUTANTS: readonly Mutant[] = [
  {
    name: 'writes-before-it-has-learnt',
    harm: 'after a change of a dataset an office goes on in the shape before, and never takes in what others write',
    file: 'mixins/ledger/up-to-date-store.ts',
    find: `if (log.definitions === this.#datasets.definitions) return log;`,
    replace: `if (log.definitions >= this.#datasets.definitions) return log;`,
  },
  {
    name: 'forgets-what-came-too-early',
    harm: 'a sale that overtook the change of its dataset waits for ever',
    file: 'mixins/ledger/create-ledger.ts',
    find: `this.datasets.onChanged(() => void this.takeInUntilDone());`,
    replace: `this.datasets.onChanged(() => {});`,
  },
  {
    name: 'shows-no-defaults',
    harm: 'sales from before a field was added show nothing in it, at some offices',
    file: 'domain/office/present.ts',
    find: `: (fields[name]!.default ?? null);`,
    replace: `: null;`,
  },
  {
    name: 'keeps-one-life-of-a-version',
    harm: 'a head that was restored takes a field away that another of its lives had added, and what was written in it',
    file: 'domain/datasets/event-types.ts',
    find: 'return `${EVOLVED}${dataset} ${to} ${epoch}`;',
    replace: 'return `${EVOLVED}${dataset} ${to} ${epoch * 0}`;',
  },
  {
    name: 'records-a-request-again-under-another-version',
    harm: 'a sale that a restored branch is asked for again is there twice, when its dataset has changed meanwhile',
    file: 'domain/sync/repair.ts',
    find: `if (sameContent(twin, event) || sameRecording(twin, event)) return [twin];`,
    replace: `if (sameContent(twin, event)) return [twin];`,
  },
  {
    name: 'lets-a-change-that-does-not-fit-hold-up-the-next',
    harm: 'after a head was restored, one change that does not go with another stops all that are written after it',
    file: 'domain/datasets/definitions.ts',
    find: `return { dataset: { ...dataset, version: to, before }, reason };`,
    replace: `return reason === null ? { dataset: { ...dataset, version: to, before }, reason } : { dataset: null, reason };`,
  },
  {
    name: 'forgets-a-default-in-a-rename',
    harm: 'a field that was added with a default shows nothing in older sales once it is called something else',
    file: 'domain/datasets/evolution.ts',
    find: `const { name, ...field } = dataset.fields[key]!;`,
    replace: `const { name, default: _, ...field } = dataset.fields[key]!;`,
  },
  {
    name: 'drops-a-field-in-a-change-of-two',
    harm: 'of two fields that one change added the first is gone, and with it what was written there',
    file: 'domain/datasets/definitions.ts',
    find: `const evolved = evolveDataset(dataset, [change]);`,
    replace: `const evolved = evolveDataset(known, [change]);`,
  },
  {
    name: 'carries-out-a-change-before-those-ahead-of-it',
    harm: 'an office changes its table for the third version of a dataset and never has the second',
    file: 'domain/datasets/definitions.ts',
    find: `return evolutions.sort((a, b) => a.to - b.to || a.epoch - b.epoch);`,
    replace: `return evolutions.sort((a, b) => b.to - a.to || a.epoch - b.epoch);`,
  },
  {
    name: 'asks-for-a-lease-in-turn',
    harm: 'two copies that wait for the lease of one that has died keep it alive for ever',
    file: 'domain/sync/head-copies.ts',
    find: `return challenge.by === challenger || challenge.stage === 'asked';`,
    replace: `return challenge.by === challenger;`,
  },
];
