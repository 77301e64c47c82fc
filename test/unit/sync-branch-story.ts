import { type ChainPoint, START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { type BranchOptions, startBranch } from '../../domain/sync/branch-start.ts';
import { stepBranch } from '../../domain/sync/branch.ts';
import type {
  BranchEffect,
  BranchInput,
  BranchState,
  GreetingPosition,
  OwnRun,
} from '../../domain/sync/branch-state.ts';
import type {
  Ack,
  Beacon,
  ControlMessage,
  FeedCursor,
  FedEvent,
  FeedRun,
  Pulled,
  UpMessage,
  Welcome,
} from '../../domain/sync/messages.ts';
import { TestPorts } from './sync-ports.ts';
import { NOTHING_SAID } from '../../domain/sync/messages.ts';

type WithoutNonce<M> = M extends unknown ? Omit<M, 'nonce'> & { nonce?: string } : never;

/** A hash that names a place: of the shared history, or of `variant` where histories differ. */
export function hashOf(seq: number, variant = 0): Uint8Array {
  return seq === 0 ? ZERO_HASH : new Uint8Array(32).fill(1 + variant).fill(seq, 1);
}

export function point(seq: number, variant = 0, epoch = 1): ChainPoint {
  return seq === 0 ? START_OF_CHAIN : { epoch, seq, hash: hashOf(seq, variant) };
}

export function cursorAt(position: number, feedEpoch = 1): FeedCursor {
  return { feedEpoch, position, hash: hashOf(position, 100) };
}

export function fed(...positions: number[]): FedEvent[] {
  return positions.map((position) => ({
    position,
    bytes: new Uint8Array([position]),
    hash: hashOf(position, 100),
  }));
}

/** A run of the feed for west, which follows `previous`. */
export function run(previous: number, ...positions: number[]): FeedRun {
  return {
    kind: 'feed',
    feedEpoch: 1,
    source: 'feeder',
    stream: 'west',
    previous: { all: previous, shared: 0, scopes: { west: previous } },
    events: fed(...positions),
  };
}

/** Own events after a place, as they are read from the log. */
export function ownRun(after: number, upTo: number, eventBytes = 10): OwnRun {
  const events = Array.from({ length: upTo - after }, () => new Uint8Array(eventBytes));
  return { before: point(after), after: point(upTo), events };
}

export interface Standing {
  readonly last?: ChainPoint;
  readonly acked?: ChainPoint;
  readonly feed?: FeedCursor;
  readonly session?: number;
  readonly headTips?: GreetingPosition['headTips'];
  readonly datasets?: GreetingPosition['datasets'];
}

interface Then {
  /** Exactly these effects, each with at least these properties. */
  then(...effects: Record<string, unknown>[]): Then;
  thenNothing(): Then;
  thenPhase(name: BranchState['phase']['name']): Then;
}

/** One branch in a story: `given` a standing, `when` something happens, `then` effects follow. */
export class BranchStory {
  readonly ports = new TestPorts();
  #state: BranchState;
  #position: GreetingPosition;

  constructor(options: Partial<BranchOptions> = {}, standing: Standing = {}) {
    const { last = START_OF_CHAIN, acked = START_OF_CHAIN, feed = cursorAt(0), session = 0 } = standing;
    this.#position = {
      session,
      last,
      acked,
      feed,
      headTips: standing.headTips ?? [],
      datasets: NOTHING_SAID,
    };
    const defaults = {
      office: 'west',
      instance: 'i1',
      program: '0.1.0',
      mode: 'auto',
      subscribe: 'own',
    } as const;
    this.#state = startBranch(
      { ...defaults, paused: false, fenced: false, claiming: false, ...options },
      last,
      acked,
    );
  }

  get state(): BranchState {
    return this.#state;
  }

  get phase(): BranchState['phase']['name'] {
    return this.#state.phase.name;
  }

  /** What the database says at the next greeting. */
  stands(standing: Standing): this {
    this.#position = { ...this.#position, ...standing };
    return this;
  }

  do(input: BranchInput): readonly BranchEffect[] {
    const { state, effects } = stepBranch(this.#state, input, this.ports);
    this.#state = state;
    return effects;
  }

  when(input: BranchInput): Then {
    const effects = this.do(input);
    const outcome: Then = {
      then: (...expected) => {
        expect(effects.map((effect) => effect.do)).toEqual(expected.map((effect) => effect['do']));
        expect(effects).toMatchObject(expected);
        return outcome;
      },
      thenNothing: () => {
        expect(effects).toEqual([]);
        return outcome;
      },
      thenPhase: (name) => {
        expect(this.phase).toBe(name);
        return outcome;
      },
    };
    return outcome;
  }

  /** A control message of the session under way, unless it names another. */
  whenHears(message: WithoutNonce<ControlMessage>): Then {
    return this.when(this.heard(message));
  }

  heard(message: WithoutNonce<ControlMessage>): BranchInput {
    return { on: 'message', message: { nonce: this.#state.nonce, ...message } as ControlMessage };
  }

  /** The answer to the last probe. */
  answered(at: ChainPoint): BranchInput {
    return this.heard(ack(at, { probed: this.#state.up.probe }));
  }

  whenTimePasses(ms: number): Then {
    this.ports.pass(ms);
    return this.when({ on: 'tick' });
  }

  /** Through a greeting up to where the head has answered and the own log has been looked at. */
  greets(welcome: Partial<Welcome> = {}, hashAtCursor?: Uint8Array | null): readonly BranchEffect[] {
    if (!this.#state.linkUp) this.do({ on: 'link-up' });
    this.do(this.greetingRead());
    return this.hearsWelcome(welcome, hashAtCursor);
  }

  greetingRead(): BranchInput {
    return { on: 'greeting-read', nonce: this.#state.nonce, position: this.#position };
  }

  /** The head lets it in, and the own log is looked at. */
  hearsWelcome(welcome: Partial<Welcome> = {}, hashAtCursor?: Uint8Array | null): readonly BranchEffect[] {
    const full = this.welcome(welcome);
    this.do(this.heard(full));
    const own = hashAtCursor === undefined ? full.cursor.hash : hashAtCursor;
    return this.do({ on: 'located', nonce: this.#state.nonce, hashAtCursor: own });
  }

  /** As after the first beacon and the first run of the session. */
  knowsSources(): this {
    const feed = { ...this.#state.feed, runsFrom: 'feeder', beaconsFrom: 'head' };
    this.#state = { ...this.#state, feed };
    return this;
  }

  /** A head that stands where the branch believes it to stand. */
  welcome(changes: Partial<Welcome> = {}): WithoutNonce<Welcome> {
    const { acked, feed, session } = this.#position;
    return {
      kind: 'welcome',
      head: 'head',
      session: session + 1,
      cursor: acked,
      hashAtYourLast: null,
      feed: { feedEpoch: feed.feedEpoch, position: feed.position },
      returnAfter: null,
      subscribe: this.#state.subscribe,
      feedEnd: feed.position,
      safeSeq: 0,
      versions: { wire: 1, program: '0.1.0' },
      ...changes,
    };
  }

  reads(after: number, upTo: number, eventBytes?: number): BranchInput {
    return { on: 'own-read', nonce: this.#state.nonce, run: ownRun(after, upTo, eventBytes) };
  }
}

/** A branch that is in step with its head, up to `last` and `position`. */
export function streaming(
  { last = 0, position = 0 }: { last?: number; position?: number } = {},
  options: Partial<BranchOptions> = {},
): BranchStory {
  const standing = { last: point(last), acked: point(last), feed: cursorAt(position) };
  const story = new BranchStory(options, standing);
  story.greets();
  story.whenTimePasses(0).then(sends('probe', { upTo: last }));
  story.do(story.answered(point(last)));
  expect(story.phase).toBe('streaming');
  return story.knowsSources();
}

export function ack(at: ChainPoint, changes: Partial<Ack> = {}): WithoutNonce<Ack> {
  return { kind: 'ack', at, safeSeq: 0, verdict: 'ok', probed: 0, ...changes };
}

export function beacon(feedEnd: number, changes: Partial<Beacon> = {}): WithoutNonce<Beacon> {
  return { kind: 'beacon', feedEpoch: 1, feedEnd, position: feedEnd, safeSeq: 0, source: 'head', ...changes };
}

export function pulled(after: number, positions: number[], end = true): WithoutNonce<Pulled> {
  const upTo = positions.at(-1) ?? after;
  return {
    kind: 'pulled',
    feedEpoch: 1,
    after,
    events: fed(...positions),
    upTo: { position: upTo, hash: hashOf(upTo, 100) },
    end,
  };
}

export function messages(effects: readonly BranchEffect[]): UpMessage[] {
  return effects.flatMap((effect) => (effect.do === 'send' ? [effect.message] : []));
}

export const sends = (kind: UpMessage['kind'], more: Record<string, unknown> = {}) => ({
  do: 'send',
  message: { kind, ...more },
});

/** In step up to 2, with `batches` of one event each on their way. */
export function sending(batches: number): BranchStory {
  const story = streaming({ last: 2 });
  for (let seq = 3; seq < 3 + batches; seq++) sendsOne(story, seq);
  return story;
}

export function sendsOne(story: BranchStory, seq: number): void {
  story.when({ on: 'appended', last: point(seq) }).then({ do: 'read-own', after: seq - 1 });
  story.when(story.reads(seq - 1, seq)).then(sends('batch', { firstSeq: seq }));
}
