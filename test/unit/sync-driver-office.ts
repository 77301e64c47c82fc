import { NOTHING_QUARANTINED, NOTHING_SAID } from '../../domain/sync/messages.ts';
import { type ChainPoint, START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import type { DownMessage, UpMessage, Welcome } from '../../domain/sync/messages.ts';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { LogRow } from '../../mixins/store/store.ts';
import type { BranchLink, BranchLinkEvents } from '../../mixins/link/link.ts';
import { createBranchSync } from '../../mixins/sync/branch-sync.ts';
import { realTime, type Scheduler } from '../../mixins/sync/scheduler.ts';
import { TestPorts } from './sync-ports.ts';

/** Time by hand: tasks run when it has passed. */
export class HandClock implements Scheduler {
  readonly ports = new TestPorts();
  readonly nextTurn = realTime.nextTurn;
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
export async function settled(): Promise<void> {
  await new Promise((done) => setImmediate(done));
}

const FEED = { feedEpoch: 1, position: 0, hash: ZERO_HASH };
const STANDING = {
  session: 0,
  last: START_OF_CHAIN,
  acked: START_OF_CHAIN,
  feed: FEED,
  headTips: [],
  datasets: NOTHING_SAID,
};

/** A branch whose ledger and head are made of answers. */
export function office(changes: Partial<OfficeLedger['branch']> = {}, hold: LogRow['hold'] = 'none') {
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
    quarantined: async () => NOTHING_QUARANTINED,
    saveContact: async () => undefined,
    ...changes,
  };
  const logRow = async () => ({ paused: false, hold, tail: START_OF_CHAIN, acked: START_OF_CHAIN });
  const ledger = {
    office: 'west',
    branch,
    read: { logRow },
    datasets: { onChanged: () => undefined },
    hold: () => undefined,
    submit: async () => undefined,
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
