import { type ChainPoint, START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import { DomainError } from '../../domain/errors.ts';
import type { DownMessage, Probe, UpMessage, Welcome } from '../../domain/sync/messages.ts';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { BranchLink, BranchLinkEvents } from '../../mixins/link/link.ts';
import { createBranchSync } from '../../mixins/sync/branch-sync.ts';
import type { Scheduler } from '../../mixins/sync/scheduler.ts';
import { TestPorts } from './sync-ports.ts';

/** Time by hand: tasks run when it has passed. */
class HandClock implements Scheduler {
  readonly ports = new TestPorts();
  #tasks: { atMs: number; task: () => void }[] = [];

  after(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.ports.elapsedMs() + delayMs, task };
    this.#tasks.push(entry);
    return () => void (this.#tasks = this.#tasks.filter((other) => other !== entry));
  }

  async pass(ms: number): Promise<void> {
    for (const until = this.ports.elapsedMs() + ms; this.ports.elapsedMs() < until;) {
      this.ports.pass(250);
      const due = this.#tasks.filter(({ atMs }) => atMs <= this.ports.elapsedMs());
      this.#tasks = this.#tasks.filter((entry) => !due.includes(entry));
      due.forEach(({ task }) => task());
      await settled();
    }
  }
}

/** Whatever was asked of the ledger and the link in memory is done. */
async function settled(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}

const FEED = { feedEpoch: 1, position: 0, hash: ZERO_HASH };
const STANDING = { session: 0, last: START_OF_CHAIN, acked: START_OF_CHAIN, feed: FEED, headTips: [] };

/** A branch whose ledger and head are made of answers. */
function office(changes: Partial<OfficeLedger['branch']> = {}) {
  const clock = new HandClock();
  const sent: UpMessage[] = [];
  const alarms: string[] = [];
  const failures: unknown[] = [];
  let events!: BranchLinkEvents;
  let committed!: (moved: { last: ChainPoint; position: number; cases: string[] }) => void;
  const lines: string[] = [];
  const branch = {
    greetingPosition: async () => STANDING,
    locate: async () => ZERO_HASH,
    savePaused: async () => undefined,
    saveAcked: async () => undefined,
    lastContactAtMs: async () => 0,
    saveContact: async () => undefined,
    ...changes,
  };
  const logRow = async () => ({ paused: false, hold: 'none', tail: START_OF_CHAIN, acked: START_OF_CHAIN });
  const ledger = {
    office: 'west',
    branch,
    read: { logRow },
    hold: () => undefined,
    savePaused: async () => undefined,
    onCommitted: (given: typeof committed) => void (committed = given),
  };
  const link = {
    start: async (given: BranchLinkEvents) => void (events = given),
    stop: async () => undefined,
    consumeFeed: async () => undefined,
    send: async (message: UpMessage) => {
      if (failures.length > 0) throw failures.shift();
      sent.push(message);
    },
  };
  const sync = createBranchSync({
    ledger: ledger as unknown as OfficeLedger,
    link: link as unknown as BranchLink,
    ports: clock.ports,
    scheduler: clock,
    instance: 'i1',
    program: '0.1.0',
    mode: 'auto',
    subscribe: 'own',
    journal: { info: (text) => lines.push(text), warn: (text) => lines.push(text) },
    onAlarm: ({ type }) => alarms.push(type),
  });
  const hears = (message: DownMessage) => events.onMessage(message);
  const kinds = () => sent.map(({ kind }) => kind);
  let isStarted = false;
  const up = async () => {
    if (!isStarted) await sync.start();
    isStarted = true;
    events.onUp();
    await settled();
  };
  const nonce = () => sent.at(-1)!.nonce;
  /** The head's answer to the greeting that was sent last. */
  const welcomed = async () => {
    await hears({ ...WELCOME, nonce: nonce() });
    await settled();
  };
  const down = (why: string) => events.onDown(why);
  const appended = async (last: ChainPoint) => {
    committed({ last, position: last.seq, cases: [] });
    await settled();
  };
  return { sync, clock, sent, kinds, nonce, alarms, lines, failures, up, down, welcomed, hears, appended };
}

const WELCOME: Omit<Welcome, 'nonce'> = {
  kind: 'welcome',
  head: 'head',
  session: 1,
  cursor: START_OF_CHAIN,
  hashAtYourLast: null,
  feed: { feedEpoch: 1, position: 0 },
  returnAfter: null,
  subscribe: 'own',
  feedEnd: 0,
  safeSeq: 0,
  versions: { wire: 1, program: '0.1.0' },
};

describe('the branch’s end of the link, running', () => {
  it('greets when the link is up, and streams when it is welcome', async () => {
    const west = office();
    await west.up();
    expect(west.kinds()).toEqual(['hello']);
    await west.welcomed();
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await west.sync.stop();
    expect(west.kinds()).toEqual(['hello', 'bye']);
  });

  it('shows why it does not get anywhere, and tries again', async () => {
    const west = office();
    west.failures.push(new DomainError('link-unavailable', 'blocked'));
    await west.up();
    expect(west.sync.status()).toMatchObject({
      state: 'greeting',
      problem: { type: 'link-unavailable', detail: 'blocked' },
    });
    await west.clock.pass(2_000);
    expect(west.kinds()).toEqual(['hello']);
    await west.sync.stop();
  });

  it('survives a defect of its own: with an alarm, and a new greeting after a while', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    const { newId } = west.clock.ports;
    west.clock.ports.newId = () => {
      west.clock.ports.newId = newId;
      throw new Error('a defect');
    };
    west.down('gone');
    await west.up();
    expect(west.alarms).toEqual(['unexpected']);
    expect(west.sync.status()).toMatchObject({ problem: { type: 'unexpected', detail: 'a defect' } });
    await west.clock.pass(2_000);
    await west.welcomed();
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await west.sync.stop();
  });

  it('goes on when what the database said made it stumble', async () => {
    const west = office({ locate: async () => Promise.reject(new Error('a defect')) });
    await west.up();
    await west.welcomed();
    expect(west.alarms).toEqual(['unexpected']);
    await west.clock.pass(5_000);
    expect(west.kinds()).toEqual(['hello', 'hello']);
    await west.sync.stop();
  });

  it('completes a sync on demand, or says why not', async () => {
    const west = office();
    await west.up();
    const waiting = west.sync.now(10_000).catch((error: DomainError) => error);
    await settled();
    await west.welcomed();
    expect(await waiting).toMatchObject({ state: 'streaming', pending: 0 });
    west.down('broker gone');
    const late = west.sync.now(1_000).catch((error: DomainError) => error);
    await west.clock.pass(1_000);
    expect(await late).toMatchObject({
      type: 'sync-incomplete',
      message: expect.stringContaining('broker gone'),
    });
    await west.sync.stop();
  });

  it('does not sync while it is paused', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    expect(await west.sync.pause()).toMatchObject({ state: 'paused', paused: true });
    const refused = await west.sync.now(1_000).catch((error: DomainError) => error);
    expect(refused).toMatchObject({ type: 'sync-paused' });
    expect(west.kinds()).toEqual(['hello', 'bye']);
    await west.sync.resume();
    await settled();
    expect(west.kinds()).toEqual(['hello', 'bye', 'hello']);
    await west.sync.stop();
  });

  it('ends a wait when the head refuses', async () => {
    const west = office();
    await west.up();
    const waiting = west.sync.now(60_000).catch((error: DomainError) => error);
    await settled();
    await west.hears({
      kind: 'refused',
      nonce: west.nonce(),
      reason: 'unknown-office',
      detail: 'add it',
      cursor: null,
    });
    expect(await waiting).toMatchObject({
      type: 'sync-incomplete',
      message: expect.stringContaining('add it'),
    });
    await west.sync.stop();
  });
});

describe('a head that does not answer', () => {
  it('is named as the problem, with the time it was last heard', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    const { lastContactAt } = west.sync.status();
    await west.clock.pass(5_000);
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await west.clock.pass(10_000);
    expect(west.sync.status()).toMatchObject({
      state: 'waiting-for-head',
      lastContactAt,
      problem: { type: 'head-silent', since: lastContactAt },
    });
    await west.clock.pass(120_000);
    await west.welcomed();
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await west.sync.stop();
  });

  it('is not waited for by a sync that names no deadline of its own', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    const [soon, patient] = [west.sync.now(), west.sync.now(40_000)];
    const ended: string[] = [];
    const outcome = (promise: Promise<unknown>, name: string) =>
      promise.then(
        () => ended.push(`${name} done`),
        (error: DomainError) => ended.push(`${name} ${error.type}: ${error.message}`),
      );
    const both = [outcome(soon, 'soon'), outcome(patient, 'patient')];
    west.down('broker gone');
    await west.up();
    await west.clock.pass(12_000);
    expect(ended).toEqual([expect.stringMatching(/^soon sync-incomplete: .*head has not answered since/)]);
    await west.clock.pass(30_000);
    await Promise.all(both);
    expect(ended).toHaveLength(2);
    await west.sync.stop();
  });

  it('was last heard when it was, also before a restart', async () => {
    const atMs = Date.parse('2026-04-01T11:00:00.000Z');
    const saved: number[] = [];
    const west = office({
      lastContactAtMs: async () => atMs,
      saveContact: async (at: number) => void saved.push(at),
    });
    await west.up();
    expect(west.sync.status()).toMatchObject({ lastContactAt: '2026-04-01T11:00:00.000Z' });
    await west.welcomed();
    const { lastContactAt } = west.sync.status();
    await west.sync.stop();
    expect(saved).toEqual([Date.parse(lastContactAt!)]);
  });

  it('that was lost in the middle of a batch is given a smaller one', async () => {
    const one = { seq: 1, hash: new Uint8Array(32).fill(1), epoch: 1 };
    const run = { before: START_OF_CHAIN, after: one, events: [new Uint8Array([1])] };
    const asked: (number | undefined)[] = [];
    const west = office({
      readOwn: async (_office, _after, maxBytes) => {
        asked.push(maxBytes);
        return run;
      },
    });
    await west.up();
    await west.welcomed();
    west.failures.push(new DomainError('link-unavailable', 'lost'));
    await west.appended(one);
    west.down('lost');
    await west.up();
    await west.welcomed();
    expect(asked).toEqual([256 * 1024, 128 * 1024]);
    await west.sync.stop();
  });

  it('or answers, but never takes a batch, is a problem', async () => {
    const one = { seq: 1, hash: new Uint8Array(32).fill(1), epoch: 1 };
    const run = { before: START_OF_CHAIN, after: one, events: [new Uint8Array([1])] };
    const west = office({ readOwn: async () => run });
    await west.up();
    await west.welcomed();
    await west.appended(one);
    const refuse = async () => {
      const gap = { kind: 'ack', nonce: west.nonce(), at: START_OF_CHAIN, safeSeq: 0 } as const;
      await west.hears({ ...gap, verdict: 'ok', probed: 0 });
      await west.clock.pass(2_500);
      const probe = west.sent.at(-1) as Probe;
      await west.hears({ ...gap, verdict: 'ok', probed: probe.number });
      await settled();
    };
    await refuse();
    expect(west.sync.status()).toMatchObject({ state: 'streaming', problem: null });
    await refuse();
    expect(west.kinds().filter((kind) => kind === 'batch')).toHaveLength(3);
    expect(west.sync.status()).toMatchObject({
      problem: { type: 'batch-not-taken', detail: expect.stringContaining('events 1 to 1 3 times') },
    });
    await west.hears({ kind: 'ack', nonce: west.nonce(), at: one, safeSeq: 0, verdict: 'ok', probed: 0 });
    expect(west.sync.status()).toMatchObject({ pending: 0, problem: null });
    await west.sync.stop();
  });
});

describe('the log of a branch', () => {
  it('tells each change of the link in a line', async () => {
    const west = office();
    await west.up();
    await west.welcomed();
    west.down('connect ECONNREFUSED');
    west.down('connect ECONNREFUSED again');
    await west.up();
    await west.hears({
      kind: 'refused',
      nonce: west.nonce(),
      reason: 'unknown-office',
      detail: 'The head knows no office "west"',
      cursor: null,
    });
    await west.clock.pass(60_000);
    await west.welcomed();
    expect(west.lines).toEqual([
      'In contact with the head: 0 events to send.',
      'Caught up with the head: 0 events sent, 0 received in 0.0 s.',
      expect.stringMatching(/^The link is down: connect ECONNREFUSED\. This office sells on/),
      expect.stringMatching(/^The head refuses this office \(unknown-office\): .* Correct OFFICE_ID/),
      expect.stringMatching(/^The head has not answered since /),
      'In contact with the head: 0 events to send.',
      'Caught up with the head: 0 events sent, 0 received in 0.0 s.',
    ]);
    await west.sync.stop();
  });

  it('is not filled by a link that flaps', async () => {
    const west = office();
    for (let time = 0; time < 50; time++) {
      await west.up();
      await west.welcomed();
      west.down('gone');
      await west.clock.pass(500);
    }
    expect(west.lines.length).toBeLessThan(8);
    await west.clock.pass(60_000);
    expect(west.lines.at(-1)).toMatch(/^The link is down: .*\(\d+ changes since the last line\)$/);
    await west.sync.stop();
  });
});
