import type { Mutant } from './mutant.ts';

/** The way up: batches, acknowledgements, probes. */
export const UP_MUTANTS: readonly Mutant[] = [
  {
    name: 'acknowledges-before-commit',
    harm: 'a crash of the head loses sales that the branch was told are safe',
    file: 'mixins/sync/head-effects.ts',
    find: `      const applied = await this.#ledger.head.applyBatch(batch);
      passed('batch-applied');
      return { on: 'batch-applied', session, ...applied };`,
    replace: `      void this.#ledger.head.applyBatch(batch).catch(() => {});
      const cursor = { epoch: 1, seq: batch.firstSeq + batch.events.length - 1, hash: batch.after };
      return { on: 'batch-applied', session, verdict: 'ok', cursor, safeSeq: 0, quarantined: { count: 0, items: [] } };`,
  },
  {
    name: 'takes-unknown-commit-for-done',
    harm: 'a commit whose outcome is unknown is acknowledged, and the batch may not be there',
    file: 'mixins/sync/head-effects.ts',
    find: `if (isTransient(error)) throw error; // dealt with`,
    replace: `if ((error as { type?: string }).type === 'commit-unknown')
        return {
          on: 'batch-applied',
          session,
          verdict: 'ok',
          cursor: { epoch: 1, seq: batch.firstSeq + batch.events.length - 1, hash: batch.after },
          safeSeq: 0,
          quarantined: { count: 0, items: [] },
        };
      if (isTransient(error)) throw error; // dealt with`,
  },
  {
    name: 'trusts-confirm',
    harm: 'a branch takes the broker’s confirm, which proves neither routing nor a commit, for the head’s acknowledgement',
    file: 'mixins/sync/branch-sync.ts',
    find: `if (message.kind === 'batch') this.#pace.measure(message, sent);`,
    replace: `if (message.kind === 'batch') this.#pace.measure(message, sent);
    const believe = (): void => {
      const state = this.#state;
      if (state?.phase.name !== 'streaming' || state.last.seq < state.acked.seq) return;
      const { nonce: session, last: at, safeSeq } = state;
      this.#step({
        on: 'message',
        message: { kind: 'ack', nonce: session, at, safeSeq, verdict: 'ok', probed: 0 },
      });
    };
    if (message.kind === 'batch') sent.then(believe, () => {});`,
  },
  {
    name: 'takes-batches-of-a-retired-office',
    harm: 'what a retired branch had under way still gets into the log of the head, which has said that it takes nothing',
    file: 'mixins/ledger/head-ledger.ts',
    find: `if (row.status === 'retired')`,
    replace: `if (row.status !== 'retired' && row.status !== 'active')`,
  },
  {
    name: 'dedupes-by-batch-id',
    harm: 'a batch that was seen but not applied is taken for a repetition, and the branch never gets on',
    file: 'mixins/sync/head-effects.ts',
    find: `    try {
      const applied = await this.#ledger.head.applyBatch(batch);`,
    replace: `    const id = \`\${batch.office}/\${batch.firstSeq}\`;
    const seen = ((this as { seen?: Set<string> }).seen ??= new Set());
    if (seen.has(id)) {
      const known = await this.#ledger.head.cursorOf(batch.office);
      const quarantined = await this.#ledger.head.quarantineOf(batch.office);
      return { on: 'batch-applied', session, verdict: 'ok', ...known, quarantined };
    }
    seen.add(id);
    try {
      const applied = await this.#ledger.head.applyBatch(batch);`,
  },
  {
    name: 'reads-own-log-by-position',
    harm: 'a branch reads its log by "position > n" instead of its own gap-free numbers, and passes sales over',
    file: 'mixins/ledger/branch-ledger.ts',
    find: `const rows = await this.#store.read.eventsBySeq(office, after, { ...BATCH_LIMIT, bytes: maxBytes });`,
    replace: `const limit = { ...BATCH_LIMIT, bytes: maxBytes };
    const rows = await this.#store.read.eventsByPosition(after, limit, { author: office });`,
  },
  {
    name: 'takes-a-batch-over-a-gap',
    harm: 'the head goes on behind a lost batch, and its sales never arrive',
    file: 'domain/sync/batch.ts',
    find: `if (batch.firstSeq > cursor.seq + 1) return { verdict: 'gap' };`,
    replace: `if (batch.firstSeq > cursor.seq + 1) return acceptAfter(cursor, grantedEpoch, chained);`,
  },
  {
    name: 'applies-without-moving-the-cursor',
    harm: 'every batch that comes twice is applied twice',
    file: 'mixins/ledger/head-ledger.ts',
    find: `await Promise.all([tx.saveOffices([{ ...office, cursor: checked.tail }]), tx.saveLog(applied.log)]);`,
    replace: 'await tx.saveLog(applied.log);',
  },
  {
    name: 'moves-the-cursor-after-the-commit',
    harm: 'a crash between the two transactions makes the head take the same sales again',
    file: 'mixins/ledger/head-ledger.ts',
    find: `      await Promise.all([tx.saveOffices([{ ...office, cursor: checked.tail }]), tx.saveLog(applied.log)]);
      return answer('ok', checked.tail, applied.log);
    });
    this.#tell(applied);`,
    replace: `      await tx.saveLog(applied.log);
      return answer('ok', checked.tail, applied.log);
    });
    await this.#store.transaction(async (tx) => {
      const [row] = await tx.lockOffices([batch.office]);
      if (applied !== null && row !== undefined) await tx.saveOffices([{ ...row, cursor: result.cursor }]);
    });
    this.#tell(applied);`,
  },
  {
    name: 'never-probes',
    harm: 'a batch that the broker lost is waited for for ever, while sales pile up behind it',
    file: 'domain/sync/branch-up.ts',
    find: `if (ports.elapsedMs() < up.probeAtMs) return pump(state);`,
    replace: `if (ports.elapsedMs() < up.probeAtMs || up.inFlight.length > 0) return pump(state);`,
  },
  {
    name: 'answers-old-batches-blindly',
    harm: 'what a restored branch wrote otherwise is acknowledged by its number alone',
    file: 'domain/sync/branch-align.ts',
    find: `if (hashAtCursor !== null && sameBytes(hashAtCursor, cursor.hash)) {`,
    replace: `if (hashAtCursor !== null) {`,
  },
  {
    name: 'skips-the-chain-check',
    harm: 'a batch that was changed on its way becomes part of the log, and history is another one, unseen',
    file: 'domain/sync/batch.ts',
    find: `  if (!sameBytes(reached, after)) throw refused(office, 'its bytes do not give the hash it names');\n`,
    replace: '',
  },
  {
    name: 'ignores-the-nonce',
    harm: 'late answers of a session that is over steer the one that is under way',
    file: 'domain/sync/branch.ts',
    find: `  if (message.nonce !== state.nonce && !isAnyones) return same(state);\n`,
    replace: `  if (state.nonce === '' && !isAnyones) return same(state);\n`,
  },
  {
    name: 'keeps-what-was-acknowledged',
    harm: 'a branch believes to be safe what the restored head does not have any more',
    file: 'domain/sync/branch-align.ts',
    find: `  const acked = state.acked.seq <= welcome.cursor.seq ? state.acked : START_OF_CHAIN;
  return [{`,
    replace: `  const { acked } = state;
  return [{`,
  },
];
