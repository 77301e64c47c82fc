import type { Mutant } from './mutant.ts';

/** The way down: the feed, its cursor, its gaps. */
export const DOWN_MUTANTS: readonly Mutant[] = [
  {
    name: 'moves-the-feed-cursor-first',
    harm: 'a crash between cursor and fold loses the head’s corrections for good',
    file: 'mixins/ledger/branch-ledger.ts',
    find: `  applyFeed(from: FeedCursor, to: FeedCursor, events: readonly FedEvent[]): Promise<LogRow> {
    return this.#applied(async (tx) => {
      const log = await tx.lockLog();
      if (log.feed.position !== from.position`,
    replace: `  async applyFeed(from: FeedCursor, to: FeedCursor, events: readonly FedEvent[]): Promise<LogRow> {
    await this.#change((log) => ({ ...log, feed: to }));
    return this.#applied(async (tx) => {
      const log = await tx.lockLog();
      if (log.feed.position !== to.position`,
  },
  {
    name: 'skips-a-gap-in-time',
    harm: 'a branch that has waited long enough for a pull goes on behind the gap, and never sees what was in it',
    file: 'domain/sync/branch-feed.ts',
    find: `  if (applying || pulling) return same(noticed);
  const isGap = previousOf(run, state.office, state.granted) > cursor.position;`,
    replace: `  const hasWaited = state.feed.pulls > 1;
  if (applying || (pulling && !hasWaited)) return same(noticed);
  const isGap = !hasWaited && previousOf(run, state.office, state.granted) > cursor.position;`,
  },
  {
    name: 'sees-no-gap-in-the-feed',
    harm: 'a lost message of the feed is not missed when the next one comes',
    file: 'domain/sync/branch-feed.ts',
    find: `const isGap = previousOf(run, state.office, state.granted) > cursor.position;`,
    replace: `const isGap = run.previous.all < 0;`,
  },
  {
    name: 'follows-whoever-publishes',
    harm: 'what a restored head writes where a branch has been before anybody notices the restore is passed over',
    file: 'domain/sync/branch-feed.ts',
    find: `if (run.source !== state.feed.runsFrom) return`,
    replace: `if (run.source === '') return`,
  },
  {
    name: 'misses-the-last-message',
    harm: 'a correction that was the last one in the feed and got lost is not asked for until the next one',
    file: 'domain/sync/branch-feed.ts',
    find: `const end = Math.max(state.feed.end, beacon.feedEnd);`,
    replace: `const { end } = state.feed;`,
  },
  {
    name: 'reads-the-end-of-the-log-late',
    harm: 'what the head commits between two reads is passed over: the cursor stands behind it',
    file: 'mixins/ledger/head-ledger.ts',
    find: `const upTo = isEnd ? await this.#endOfLog(log.position, reached, after) : reached;`,
    replace: `const { position } = await this.#store.read.logRow();
    const upTo = isEnd ? await this.#endOfLog(position, reached, after) : reached;`,
  },
  {
    name: 'feeder-forgets-what-is-shared',
    harm: 'a lost run of what all offices share is not missed by any of them',
    file: 'domain/sync/feeder.ts',
    find: `{ ...next, shared: last, scopes: {} }`,
    replace: `{ ...next, scopes: {} }`,
  },
  {
    name: 'resumes-from-its-own-cursor',
    harm: 'after a restore of the head a branch passes over all that is written in the lost places anew',
    file: 'domain/sync/feed-lives.ts',
    find: `position: Math.min(hello.feed.position, ...bounds) };`,
    replace: `position: bounds.length < 0 ? 0 : hello.feed.position };`,
  },
  {
    name: 'restores-without-a-new-life',
    harm: 'branches do not learn that the head was restored, and follow places that name other events now',
    file: 'mixins/ledger/head-ledger.ts',
    find: `nextFeedEpoch: nextEpoch(Math.max(log.feedEpoch, hello.feed.feedEpoch), this.#setting.ports),`,
    replace: `nextFeedEpoch: log.feedEpoch,`,
  },
  {
    name: 'parks-for-ever',
    harm: 'an event that came before its causes is never applied, nor anything behind it on its sale',
    file: 'domain/sync/apply.ts',
    find: `    for (let next = this.#nextReady(event); next !== null; next = this.#nextReady(event)) this.#release(next);\n`,
    replace: `    const next = this.#nextReady(event);
    if (next?.isNew) this.#release(next);\n`,
  },
  {
    name: 'takes-runs-of-another-life',
    harm: 'what a head wrote before it was restored is taken for what stands in those places now',
    file: 'domain/sync/branch-feed.ts',
    find: `if (run.feedEpoch !== cursor.feedEpoch) return same(state);
  if (run.source`,
    replace: `if (run.feedEpoch < 0) return same(state);
  if (run.source`,
  },
];
