import type { Mutant } from './mutant.ts';

/** Two live copies of one office. */
export const COPIES_MUTANTS: readonly Mutant[] = [
  {
    name: 'never-refuses-a-lease',
    harm: 'two copies of an office take the session from each other for ever, and their logs fork again and again',
    file: 'domain/sync/greeting.ts',
    find: `return leaseUntilMs > nowMs && leaseUntilMs - nowMs <= LIMITS.leaseMs;`,
    replace: `return leaseUntilMs > nowMs && leaseUntilMs - nowMs > LIMITS.leaseMs;`,
  },
  {
    name: 'lets-a-fenced-copy-sell',
    harm: 'a copy that has handed over goes on changing sales, and those changes are lost with it',
    file: 'domain/office/append.ts',
    find: `if (this.#view.hold !== 'none') {`,
    replace: `if (this.#view.hold !== 'none' && command.type === 'record') {`,
  },
  {
    name: 'lets-in-who-claims-without-telling-its-database',
    harm: 'a fenced copy that was claimed and let in is in step with the head, and never sells',
    file: 'domain/sync/branch-align.ts',
    find: `    ...(state.claiming ? [{ do: 'unfence' } as const] : []),
`,
    replace: ``,
  },
  {
    name: 'forgets-a-claim-over-a-restart',
    harm: 'a copy that was restarted while it was claimed waits for a person once more, and sells nothing until then',
    file: 'mixins/sync/branch-sync.ts',
    find: `const held = { fenced: hold === 'fenced', claiming: hold === 'claiming' };`,
    replace: `const held = { fenced: hold === 'fenced', claiming: false };`,
  },
  {
    name: 'confirms-a-hand-over-too-soon',
    harm: 'a fenced copy is told that its sales are safe before the live one has them, and is deleted',
    file: 'domain/sync/head-copies.ts',
    find: `      { do: 'grant', session: live, adopt },\n`,
    replace: `      { do: 'grant', session: live, adopt },
      reply(session, { kind: 'stranded-taken' }),\n`,
  },
  {
    name: 'adopts-what-it-has',
    harm: 'what a fenced copy hands over is written again though it is here already: every sale twice',
    file: 'mixins/ledger/repair-tx.ts',
    find: `const fork = await describeFork(tx, setting, rest, { common, epoch, tail: own, end: log.tail });`,
    replace: `const fork = await describeFork(tx, setting, rest, { common, epoch, tail: [], end: log.tail });`,
  },
  {
    name: 'adopts-as-if-it-had-seen-all',
    harm: 'what a fenced copy changed without knowing of the live one’s change passes for a later edit: no conflict is shown',
    file: 'mixins/ledger/repair-tx.ts',
    find: `  const appended = reappend(fork, setting.ports);
  const last = appended.at(-1);`,
    replace: `  const held = (entity: string, life: string) =>
    own.findLast(({ event }) => entityName(event) === entity && lifeOf(event) === life)?.event.seq;
  const lastSharedSeq = (entity: string, life: string) => held(entity, life) ?? fork.lastSharedSeq(entity, life);
  const appended = reappend({ ...fork, lastSharedSeq }, setting.ports);
  const last = appended.at(-1);`,
  },
  {
    name: 'grants-a-session-that-a-copy-knows',
    harm: 'after a restore of the head a copied database passes for the live one, and never hands over what it sold',
    file: 'domain/sync/greeting.ts',
    find: `return sessionConfirmed || hello.session > session ? Math.max(session, hello.session) + 1 : session;`,
    replace: `return sessionConfirmed ? session + 1 : session;`,
  },
];
