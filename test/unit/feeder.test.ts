import fc from 'fast-check';
import { isSubscribed, previousOf } from '../../domain/sync/branch-feed.ts';
import { type FeederState, isFedTo, type LogEntry, planFeed } from '../../domain/sync/feeder.ts';
import type { FeedRun } from '../../domain/sync/messages.ts';

const START = 10;

function entry(position: number, office: string, scope: string): LogEntry {
  return {
    position,
    event: { office, scope },
    bytes: new Uint8Array([position]),
    hash: new Uint8Array([position]),
  };
}

/** The head's log after START, one entry for each author and scope. */
function log(...written: [office: string, scope: string][]): LogEntry[] {
  return written.map(([office, scope], index) => entry(START + 1 + index, office, scope));
}

function feeder(): FeederState {
  return { head: 'head', feedEpoch: 1, source: 's', position: START, shared: START, scopes: {} };
}

/** Publishes the log in stretches of these lengths, over and over. */
function publish(
  entries: readonly LogEntry[],
  lengths: readonly number[] = [entries.length],
  withAll = true,
): FeedRun[] {
  const runs: FeedRun[] = [];
  let state = feeder();
  for (let at = 0, turn = 0; at < entries.length; turn++) {
    const stretch = entries.slice(at, at + lengths[turn % lengths.length]!);
    const fed = planFeed(state, stretch, withAll);
    runs.push(...fed.runs);
    state = fed.state;
    at += stretch.length;
  }
  return runs;
}

const shape = (runs: readonly FeedRun[]) =>
  runs.map(({ stream, events }) => [stream, events.map(({ position }) => position)]);

describe('the feed', () => {
  it('is cut into runs of one scope by the head’s pen', () => {
    const entries = log(['head', 'west'], ['head', 'east'], ['head', 'west']);
    expect(shape(publish(entries, [3], false))).toEqual([
      ['west', [11, 13]],
      ['east', [12]],
    ]);
  });

  it('lets no run pass a shared one', () => {
    const entries = log(['head', 'west'], ['head', 'shared'], ['head', 'west'], ['head', 'shared']);
    expect(shape(publish(entries, [4], false))).toEqual([
      ['west', [11]],
      ['shared', [12]],
      ['west', [13]],
      ['shared', [14]],
    ]);
  });

  it('holds what offices wrote themselves for those who see everything, only', () => {
    const entries = log(['west', 'west'], ['head', 'west']);
    expect(shape(publish(entries))).toEqual([
      ['all', [11, 12]],
      ['west', [12]],
    ]);
    expect(shape(publish(log(['west', 'west']), [1], false))).toEqual([]);
    expect(publish(entries)[0]).toMatchObject({ kind: 'feed', feedEpoch: 1, stream: 'all' });
    expect(publish(entries)[0]!.previous).toEqual({ all: 10, shared: 10, scopes: {} });
  });

  it('names the place before each run, for every subscription that gets it', () => {
    const entries = log(
      ['head', 'west'],
      ['head', 'east'],
      ['head', 'shared'],
      ['head', 'west'],
      ['head', 'west'],
    );
    expect(publish(entries, [4, 1], false).map(({ stream, previous }) => ({ stream, ...previous }))).toEqual([
      { stream: 'west', all: 10, shared: 10, scopes: { west: 0 } },
      { stream: 'east', all: 10, shared: 10, scopes: { east: 0 } },
      { stream: 'shared', all: 10, shared: 10, scopes: { west: 11, east: 12 } },
      { stream: 'west', all: 10, shared: 13, scopes: { west: 0 } },
      { stream: 'west', all: 14, shared: 13, scopes: { west: 14 } },
    ]);
  });

  it('goes on where it stood', () => {
    const fed = planFeed(feeder(), log(['head', 'west'], ['east', 'east']), false);
    expect(fed.state).toEqual({ ...feeder(), position: 12, scopes: { west: 11 } });
    expect(planFeed(fed.state, [], true)).toEqual({ state: fed.state, runs: [] });
  });

  it.each([
    ['head', 'west', true],
    ['head', 'shared', true],
    ['head', 'east', false],
    ['west', 'west', false],
  ])('of %s writing to %s is for west: %s', (office, scope, isFed) => {
    expect(isFedTo('west', 'head', { office, scope })).toBe(isFed);
  });
});

/** A branch as the machine treats runs: it skips what it knows, stops at a gap, else applies. */
class Subscriber {
  readonly office: string;
  readonly subscribe: 'own' | 'all';
  readonly applied: number[] = [];
  cursor = START;
  sawGap = false;

  constructor(office: string, subscribe: 'own' | 'all') {
    this.office = office;
    this.subscribe = subscribe;
  }

  isFor = (run: FeedRun): boolean => isSubscribed(run, this.office, this.subscribe);

  wants({ event }: LogEntry): boolean {
    return this.subscribe === 'all' || isFedTo(this.office, 'head', event);
  }

  receives(run: FeedRun): void {
    const last = run.events.at(-1)!.position;
    if (this.sawGap || last <= this.cursor) return;
    if (previousOf(run, this.office, this.subscribe) > this.cursor) {
      this.sawGap = true;
      return;
    }
    this.applied.push(
      ...run.events.map(({ position }) => position).filter((position) => position > this.cursor),
    );
    this.cursor = last;
  }
}

const written = fc.tuple(
  fc.constantFrom('head', 'head', 'west', 'east'),
  fc.constantFrom('west', 'east', 'shared'),
);
const feeds = fc.record({
  written: fc.array(written, { minLength: 1, maxLength: 25 }),
  lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
});
const SUBSCRIBERS: ['west' | 'east' | 'north', 'own' | 'all'][] = [
  ['west', 'own'],
  ['east', 'own'],
  ['north', 'own'],
  ['west', 'all'],
];

describe.each(SUBSCRIBERS)('a subscriber: %s, %s', (office, subscribe) => {
  it('who gets every run in order sees no gap and misses nothing', () => {
    fc.assert(
      fc.property(feeds, ({ written, lengths }) => {
        const entries = log(...written);
        const subscriber = new Subscriber(office, subscribe);
        publish(entries, lengths)
          .filter(subscriber.isFor)
          .forEach((run) => subscriber.receives(run));
        expect(subscriber.sawGap).toBe(false);
        expect(subscriber.applied).toEqual(
          entries.filter((one) => subscriber.wants(one)).map(({ position }) => position),
        );
      }),
    );
  });

  it('who gets runs twice applies them once', () => {
    fc.assert(
      fc.property(feeds, ({ written, lengths }) => {
        const entries = log(...written);
        const subscriber = new Subscriber(office, subscribe);
        for (const run of publish(entries, lengths).filter(subscriber.isFor)) {
          subscriber.receives(run);
          subscriber.receives(run);
        }
        expect(subscriber.applied).toEqual(
          entries.filter((one) => subscriber.wants(one)).map(({ position }) => position),
        );
      }),
    );
  });

  it('who misses any one run notices with the next, or with the beacon, and applies nothing behind it', () => {
    fc.assert(
      fc.property(feeds, fc.nat(), ({ written, lengths }, choice) => {
        const entries = log(...written);
        const subscriber = new Subscriber(office, subscribe);
        const runs = publish(entries, lengths).filter(subscriber.isFor);
        fc.pre(runs.length > 0);
        const lost = choice % runs.length;
        runs.slice(0, lost).forEach((run) => subscriber.receives(run));
        const before = subscriber.cursor;
        const next = runs[lost + 1];
        if (next === undefined) {
          const feedEnd = entries.filter((one) => subscriber.wants(one)).at(-1)!.position;
          expect(feedEnd).toBeGreaterThan(before); // what a beacon says
        } else {
          subscriber.receives(next);
          expect([subscriber.sawGap, subscriber.cursor]).toEqual([true, before]);
        }
      }),
    );
  });
});

describe('a feeder that starts anew at the end of the log', () => {
  it('is met with a gap by every branch that does not hold all before', () => {
    const entries = log(['head', 'west'], ['head', 'shared'], ['head', 'west']);
    const late: FeederState = { ...feeder(), position: 12, shared: 12 };
    const [run] = planFeed(late, entries.slice(2), false).runs;
    const [behind, level] = [new Subscriber('west', 'own'), new Subscriber('west', 'own')];
    level.cursor = 12;
    behind.receives(run!);
    level.receives(run!);
    expect([behind.sawGap, level.sawGap]).toEqual([true, false]);
  });
});
