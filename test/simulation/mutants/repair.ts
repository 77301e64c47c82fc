import type { Mutant } from './mutant.ts';

/** Restored backups, forks, and what is written again. */
export const REPAIR_MUTANTS: readonly Mutant[] = [
  {
    name: 'forgets-the-epoch-of-the-head',
    harm: 'a restored head gives the names of events that it lost, and branches hold, to other events',
    file: 'mixins/ledger/life.ts',
    find: `const goesOn = written !== null && log.tail.seq >= written.seq && log.tail.epoch >= written.epoch;`,
    replace: `const goesOn = written === null || (log.tail.seq >= written.seq && log.tail.epoch >= written.epoch);`,
  },
  {
    name: 'counts-epochs-up-by-one',
    harm: 'two lives that come out of one backup have one name, and their events too',
    file: 'mixins/ledger/life.ts',
    find: `return nowMs > last ? nowMs : last + 1 + Math.floor(ports.random() * APART);`,
    replace: `return nowMs > last + APART ? last + 1 : last + 1;`,
  },
  {
    name: 'writes-again-in-the-old-epoch',
    harm: 'what was written twice under one number has one name twice',
    file: 'domain/sync/repair.ts',
    find: `const dot = { office: event.office, epoch: epochs.after(event.epoch), seq };`,
    replace: `const dot = { office: event.office, epoch: epochs.after(event.epoch) > 0 ? event.epoch : 0, seq };`,
  },
  {
    name: 'repairs-in-reverse-order',
    harm: 'after a fork a void stands before the sale that it voids',
    file: 'domain/sync/repair.ts',
    find: `for (const logged of fork.diverging) {`,
    replace: `for (const logged of [...fork.diverging].reverse()) {`,
  },
  {
    name: 'writes-doubles-again',
    harm: 'what the head had already is written a second time after a fork',
    file: 'domain/sync/repair.ts',
    find: `const data = restOf(event, twins, fork);`,
    replace: `const data = restOf(event, [], fork);`,
  },
  {
    name: 'claims-to-have-seen-the-other-life',
    harm: 'a blind edit in one life of an office silently overwrites one of the other, and no conflict is shown',
    file: 'domain/sync/repair.ts',
    find: `    const isForked = life.startsWith(\`\${event.office}@\`) && seq > fork.commonSeq;\n`,
    replace: `    const isForked = life.startsWith(\`\${event.office}@\`) && seq > fork.end.seq;\n`,
  },
  {
    name: 'returns-nothing',
    harm: 'a restored head never gets back the corrections and rulings that it lost',
    file: 'domain/sync/feed-lives.ts',
    find: `return uncertain < 0 ? null : { tip: hello.headTips[uncertain + 1] ?? null };`,
    replace: `return uncertain < hello.headTips.length ? null : { tip: hello.headTips[uncertain + 1] ?? null };`,
  },
  {
    name: 'leaves-the-digest-behind',
    harm: 'after a repair two equal offices look different for ever',
    file: 'mixins/ledger/rebuild-tx.ts',
    find: `    digests.stateChanged(stored.get(name) ?? null, changes.get(name)?.after ?? null);`,
    replace: `    if (!stored.has(name)) digests.stateChanged(null, changes.get(name)?.after ?? null);`,
  },
  {
    name: 'drops-doubles-by-id-alone',
    harm: 'a request that a restored office was asked again is answered, and what it changed this time is lost',
    file: 'domain/sync/repair.ts',
    find: `const data = restOf(event, twins, fork);`,
    replace: `const data = accepted.has(event.id) ? null : restOf(event, twins, fork);`,
  },
  {
    name: 'claims-to-have-seen-what-lies-before-a-double',
    harm: 'an edit at a restored office overwrites, unseen, what that office had not got back yet',
    file: 'domain/sync/repair.ts',
    find: `const isNamable = twin.seq < (bounds.get(lifeOf(twin)) ?? Infinity) && hasCauses(named, twin);`,
    replace: `const isNamable = twin.seq < (bounds.get('') ?? Infinity);`,
  },
  {
    name: 'takes-returned-pages-in-any-order',
    harm: 'a lost page of what a branch returns to a restored head is not missed',
    file: 'domain/sync/head.ts',
    find: `if (!isWelcome(state, session) || number > state.returned + 1) return [];`,
    replace: `if (!isWelcome(state, session) || number < 1) return [];`,
  },
];
