import type { Mutant } from './mutant.ts';

/** What becomes of offices whose programs know less than others. */
export const PROGRAM_MUTANTS: readonly Mutant[] = [
  {
    name: 'takes-in-nothing-after-an-upgrade',
    harm: 'what an older program kept for the next one waits for ever',
    file: 'mixins/ledger/judge-known-now.ts',
    find: `  'version-unknown',\n`,
    replace: '',
  },
  {
    name: 'takes-in-once-only',
    harm: 'an upgraded office whose database is away for a moment at its start never takes in what it had kept',
    file: 'mixins/ledger/take-in.ts',
    find: `        if (this.#isClosed) return 0;
        const`,
    replace: `        if (!this.#isClosed) return 0;
        const`,
  },
  {
    name: 'relays-what-it-understands',
    harm: 'what a head with an older program does not know never reaches the offices that would',
    file: 'mixins/ledger/head-ledger.ts',
    find: `const rows = await this.#store.read.eventsByPosition(after, limit, filter);`,
    replace: `const known = await this.#store.read.eventsByPosition(after, limit, filter);
    const rows = known.filter(({ status }) => status === 'applied');`,
  },
  {
    name: 'refuses-what-it-does-not-know',
    harm: 'one event of a newer program ends all that an older office hears',
    file: 'domain/sync/apply.ts',
    find: `return { status: TO_COME.has(reason) ? 'parked' : 'quarantined', reason, detail };`,
    replace: `if (TO_COME.has(reason)) throw new Error(detail);
  return { status: 'quarantined', reason, detail };`,
  },
];
