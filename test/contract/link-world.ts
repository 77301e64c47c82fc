import { errorType } from '../../domain/errors.ts';
import type { OfficeId } from '../../domain/event.ts';
import type {
  Batch,
  ControlMessage,
  DownMessage,
  FeedRun,
  Subscription,
  UpMessage,
} from '../../domain/sync/messages.ts';
import type { BranchLink, HeadLink, LinkProblem } from '../../mixins/link/link.ts';
import { eventually } from '../harness/wait.ts';
import { bytesOf, hashOf } from './link-messages.ts';

/** What the contract needs of an adapter: both ends, and the faults. */
export interface LinkWorld {
  head(): HeadLink;
  branch(office: OfficeId, instance?: string): BranchLink;
  /** Breaks the line of an office, or of everybody, the head's too; what is queued stays queued. */
  cut(office?: OfficeId): void;
  join(office?: OfficeId): void;
  /** Breaks every line and loses every queue; the lines can be made again afterwards. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** The feed queues of a world hold this much. */
export const FEED_QUEUE_BYTES = 64 * 1024;

/** One end of a link with everything that it was told. */
export class Listener<M> {
  readonly messages: M[] = [];
  readonly ups: number[] = [];
  readonly downs: string[] = [];
  readonly problems: LinkProblem[] = [];
  /** What the handler does with a message, once it is noted. */
  handle: (message: M) => Promise<void> = async () => {};
  isUp = false;

  readonly events = {
    onUp: (): void => {
      this.isUp = true;
      this.ups.push(this.messages.length);
    },
    onDown: (reason: string): void => {
      this.isUp = false;
      this.downs.push(reason);
    },
    onProblem: (problem: LinkProblem): void => void this.problems.push(problem),
    onMessage: (message: M): Promise<void> => {
      this.messages.push(message);
      return this.handle(message);
    },
  };

  async untilUp(): Promise<void> {
    await eventually(() => expect(this.isUp).toBe(true));
  }

  async untilDown(): Promise<void> {
    await eventually(() => expect(this.isUp).toBe(false));
  }

  async until(count: number): Promise<M[]> {
    await eventually(() => expect(this.messages.length).toBeGreaterThanOrEqual(count));
    return this.messages;
  }

  async untilProblem(type: string): Promise<LinkProblem> {
    return eventually(() => {
      const found = this.problems.find((problem) => problem.type === type);
      if (!found) throw new Error(`no ${type} in ${JSON.stringify(this.problems)}`);
      return found;
    });
  }
}

export interface End<L, M> {
  readonly link: L;
  readonly heard: Listener<M>;
}

export type HeadEnd = End<HeadLink, UpMessage>;
export type BranchEnd = End<BranchLink, DownMessage>;

/** A gate that a handler waits at. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

export const numbersOf = (messages: readonly (UpMessage | DownMessage)[]): number[] =>
  messages.flatMap((message) => {
    if (message.kind === 'batch') return [message.firstSeq];
    if (message.kind === 'own') return [message.afterSeq];
    return message.kind === 'feed' ? [message.previous.all] : [];
  });

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The type of the error with which a message was refused; `sent` when it was taken. */
export const typeOf = async (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'sent',
    (error: unknown) => errorType(error),
  );

export function batch(number: number, office = 'west', size = 20): Batch {
  return {
    kind: 'batch',
    office,
    instance: 'p',
    nonce: 'n',
    firstSeq: number,
    before: hashOf(0),
    after: hashOf(1),
    events: [bytesOf(size, number)],
  };
}

export function answer(number: number): ControlMessage {
  const end = { epoch: 1, seq: number, hash: hashOf(1) };
  return { kind: 'own', nonce: 'n', afterSeq: number, before: hashOf(0), after: hashOf(0), events: [], end };
}

export function run(number: number, stream: string, size = 20): FeedRun {
  const event = { bytes: bytesOf(size, number), hash: hashOf(2), position: number };
  return {
    kind: 'feed',
    feedEpoch: 1,
    source: 's',
    stream,
    previous: { all: number, shared: 0, scopes: {} },
    events: [event],
  };
}

/** The world of a test, and what the test starts in it; each test has its own. */
export class Stage {
  readonly #createWorld: () => Promise<LinkWorld>;
  readonly #links: (BranchLink | HeadLink)[] = [];
  #world!: LinkWorld;

  constructor(createWorld: () => Promise<LinkWorld>) {
    this.#createWorld = createWorld;
  }

  get world(): LinkWorld {
    return this.#world;
  }

  async begin(): Promise<void> {
    this.#world = await this.#createWorld();
  }

  /** A head that knows the branches; not yet up. */
  async startHead(branches: Record<OfficeId, Subscription> = {}): Promise<HeadEnd> {
    const end = { link: this.#world.head(), heard: new Listener<UpMessage>() };
    this.#links.push(end.link);
    for (const [office, subscribe] of Object.entries(branches))
      await end.link.declareBranch(office, subscribe);
    await end.link.start(end.heard.events);
    return end;
  }

  async startBranch(office: OfficeId, instance?: string): Promise<BranchEnd> {
    const end = { link: this.#world.branch(office, instance), heard: new Listener<DownMessage>() };
    this.#links.push(end.link);
    await end.link.start(end.heard.events);
    return end;
  }

  /** Head and one branch, both up. */
  async startPair(
    office = 'west',
    subscribe: Subscription = 'own',
  ): Promise<{ head: HeadEnd; branch: BranchEnd }> {
    const head = await this.startHead({ [office]: subscribe });
    await head.heard.untilUp();
    const branch = await this.startBranch(office);
    await branch.heard.untilUp();
    return { head, branch };
  }

  async end(): Promise<void> {
    await Promise.all(this.#links.splice(0).map((link) => link.stop()));
    await this.#world.close();
  }
}
