import type { Mutant } from './mutant.ts';

/** The office's own log: appends, answers, clocks, rights. */
export const LOG_MUTANTS: readonly Mutant[] = [
  {
    name: 'answers-before-commit',
    harm: 'the shop is told that a sale is recorded, and a crash forgets it',
    file: 'mixins/ledger/append-tx.ts',
    find: `const plan = await setting.store.transaction((tx) => append(tx, setting, group, again));`,
    replace: `const plan = await new Promise<AppendPlan>((resolve, reject) => {
    const work = async (tx: StoreTx) => resolve(await append(tx, setting, group, again));
    setting.store.transaction(work).catch(reject);
  });`,
  },
  {
    name: 'tries-an-unknown-commit-again-blindly',
    harm: 'a connection that breaks during a commit records a sale twice',
    file: 'mixins/ledger/group-commit.ts',
    find: `return await this.#append(group, true);`,
    replace: `return await this.#append(group, false);`,
  },
  {
    name: 'gives-an-unknown-commit-up',
    harm: 'a lone command is refused as failed although it was carried out: its retry sells twice',
    file: 'mixins/ledger/group-commit.ts',
    find: `if (errorType(error) === 'commit-unknown') await this.#settleUnknown(group, error);`,
    replace: `if (errorType(error) === 'commit-unknown') await this.#giveUp(group, new DomainError('invalid-input', 'failed'));`,
  },
  {
    name: 'ignores-the-idempotency-key',
    harm: 'a request that is repeated safely is carried out twice',
    file: 'mixins/ledger/append-tx.ts',
    find: `({ eventId, isFixed }) => again || isFixed || isKeyed(eventId));`,
    replace: `({ isFixed }) => again || isFixed);`,
  },
  {
    name: 'omits-its-own-dot',
    harm: 'no office can tell that a correction knew the one before it: every second edit is a conflict',
    file: 'domain/clock.ts',
    find: `return { ...clock, [lifeOf(dot)]: dot.seq };`,
    replace: `return { [lifeOf(dot)]: dot.seq, ...clock };`,
  },
  {
    name: 'merges-clocks-by-the-last',
    harm: 'an entity forgets what it has seen when an older event comes late',
    file: 'domain/clock.ts',
    find: `merged[life] = Math.max(merged[life] ?? 0, seq);`,
    replace: `merged[life] = seq;`,
  },
  {
    name: 'adopts-far-future-clocks',
    harm: 'one office with a wrong clock drags all others into its future, where its edits always win',
    file: 'domain/hlc.ts',
    find: `if (aheadMs > MAX_DRIFT_MS) return { time: last, tooFarAheadMs: aheadMs };`,
    replace: `if (aheadMs > MAX_DRIFT_MS) return { time: remote > last ? remote : last, tooFarAheadMs: aheadMs };`,
  },
  {
    name: 'sets-its-time-back',
    harm: 'after a clock was set back, a later edit of the same office counts as the earlier one',
    file: 'domain/hlc.ts',
    find: `if (wallMs > lastMs) return hybridTime(wallMs, 0);`,
    replace: `if (wallMs !== lastMs) return hybridTime(wallMs, 0);`,
  },
  {
    name: 'lets-anybody-write-anywhere',
    harm: 'an office changes the sales of another one',
    file: 'domain/office/decide.ts',
    find: `if (role === 'head' || scope === office) return;`,
    replace: `if (role === 'head' || office !== '') return;`,
  },
  {
    name: 'applies-what-nobody-may-write',
    harm: 'what a hostile program wrote into another office’s sales is applied there',
    file: 'domain/sync/apply.ts',
    find: `    if (refusal !== null) return refused(refusal);\n`,
    replace: `    if (refusal !== null && refusal.reason !== 'not-allowed') return refused(refusal);\n`,
  },
  {
    name: 'goes-on-while-own-events-come-back',
    harm: 'an edit at a restored office claims to know what is still waiting there, and overwrites it unseen',
    file: 'domain/office/append.ts',
    find: `if (!waitsBehind(this.#nextDot(), waiting)) return;`,
    replace: `if (waiting.length >= 0) return;`,
  },
];
