import { sameBytes } from '../../domain/chain.ts';
import { stock } from '../../domain/datasets/stock.ts';
import { winningValues } from '../../domain/office/present.ts';
import { errorType } from '../../domain/errors.ts';
import { BATCH_MAX_BYTES } from '../../domain/sync/batch.ts';
import { createLedger, type OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import { ruleAutomatically } from '../../services/conflicts/rule-automatically.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import type { CommandSubmission } from '../../mixins/ledger/ledger.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import { MemoryDisk } from '../simulation/memory-store.ts';

export const PAPER = { dataset: stock.name, scope: 'west', entityId: 'paper' };
const BEGIN = 1_000;
/** Of the branch, by so many events of its own: logs differ in length, and so do the numbers in clocks. */
const HEAD_IS_AHEAD = 30;

/** Somebody's wish to add to the stock of paper, however often it is asked. */
export interface Addition {
  readonly at: 'west' | 'head';
  readonly adds: number;
  readonly key?: string;
  readonly shelf?: string;
}

interface Machine {
  disk: MemoryDisk;
  ledger: OfficeLedger;
}

interface Backup {
  readonly disk: MemoryDisk;
  readonly holds: ReadonlySet<Addition>;
}

/** A head and a branch on disks in memory, with a line that somebody has to crank, and a branch that may be restored. */
export class CountingWorld {
  readonly #west: Machine = opened(new MemoryDisk('west', 'branch'));
  readonly #head: Machine = opened(new MemoryDisk('head', 'head'));
  readonly #backups: Backup[] = [];
  /** Acknowledged, and not lost with a disk before anybody else had it. */
  #counted = new Set<Addition>();
  readonly #atHead = new Set<Addition>();

  async begin(): Promise<void> {
    const { ledger } = this.#head;
    await ledger.addOffice({ office: 'west', name: 'West', subscribe: 'own' });
    await this.#west.ledger.branch.locate('head', 1, 0);
    await this.#west.ledger.submit(recordedAt('west', PAPER.entityId));
    await ledger.submitAll(
      Array.from({ length: HEAD_IS_AHEAD }, (_, index) => recordedAt('head', `p${index}`)),
    );
    await this.up();
    this.backUp();
  }

  get total(): number {
    return [...this.#counted].reduce((sum, { adds }) => sum + adds, BEGIN);
  }

  async asks(addition: Addition): Promise<void> {
    const { at, adds, key, shelf } = addition;
    const { ledger } = at === 'west' ? this.#west : this.#head;
    const fields = { quantity: { add: adds }, ...(shelf === undefined ? {} : { shelf }) };
    const idempotency = key === undefined ? {} : { idempotency: { key, request: JSON.stringify(fields) } };
    const submission = {
      command: { type: 'amend', ...PAPER, fields } as const,
      actor: 'anna',
      ...idempotency,
    };
    try {
      await ledger.submit(submission);
    } catch (error) {
      if (errorType(error) === 'entity-waiting') return; // what it had is still coming back
      throw error;
    }
    this.#counted.add(addition);
    if (at === 'head') this.#atHead.add(addition);
  }

  /** What west has, to the head. */
  async up(): Promise<void> {
    await this.#meet();
    const { branch } = this.#west.ledger;
    const { cursor } = await this.#head.ledger.head.cursorOf('west');
    const { before, after, events } = await branch.readOwn('west', cursor.seq, BATCH_MAX_BYTES);
    const place = { office: 'west', instance: 'i', nonce: 'n', firstSeq: cursor.seq + 1 };
    const batch = { kind: 'batch', ...place, before: before.hash, after: after.hash, events } as const;
    const { verdict } = await this.#head.ledger.head.applyBatch(batch);
    if (verdict !== 'ok') throw new Error(`the log of west does not fit after its repair: ${verdict}`);
    for (const one of this.#counted) this.#atHead.add(one);
  }

  async down(): Promise<void> {
    await this.#meet();
    const { feed } = await this.#west.ledger.read.logRow();
    const { events, upTo, feedEpoch } = await this.#head.ledger.head.feedOf('west', 'own', feed.position);
    if (upTo === null) return;
    await this.#west.ledger.branch.applyFeed(feed, { feedEpoch, ...upTo }, events);
  }

  backUp(): void {
    this.#backups.push({ disk: this.#west.disk.copy(), holds: new Set(this.#counted) });
  }

  restore(index: number): void {
    const { disk, holds } = this.#backups[index % this.#backups.length]!;
    const again = opened(disk.copy());
    this.#west.disk = again.disk;
    this.#west.ledger = again.ledger;
    this.#counted = new Set([...holds, ...this.#atHead]);
  }

  async rule(): Promise<void> {
    const { ledger } = this.#head;
    const office = {
      ledger: () => ledger,
      ports: machinePorts,
      datasets: BUILT_IN,
      config: { office: 'head' },
    };
    const open = await ledger.read.cases({ status: 'open', limit: 100 });
    const failed = await ruleAutomatically(
      office,
      open.map(({ id }) => id),
    );
    if (failed.length > 0) throw failed[0]!.error;
  }

  /** Both have everything, and nothing is in dispute. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await this.down();
      await this.up();
      await this.rule();
    }
    await this.down();
  }

  /** At west, and at the head. */
  get quantities(): unknown[] {
    const states = [this.#west, this.#head].map(({ disk }) => disk.reads.entity(PAPER)!);
    return states.map((state) => winningValues(state)['quantity']);
  }

  /** Nothing flows before both logs are one: where west has lost something of it, or has written something else, it is mended. */
  async #meet(): Promise<void> {
    const { branch, read } = this.#west.ledger;
    const { head } = this.#head.ledger;
    const { cursor } = await head.cursorOf('west');
    const mine = cursor.seq === 0 ? cursor : await read.pointAt('west', cursor.seq);
    if (mine !== null && sameBytes(mine.hash, cursor.hash)) return;
    const own = await head.ownOf('west', 0);
    const { common, rest } = await branch.matchOwn('west', { kind: 'own', nonce: 'n', ...own }, []);
    const { tail } = await read.logRow();
    if (common.seq === tail.seq) return void (await branch.restoreOwn(common, rest));
    await branch.refork({ common, tail: rest, end: own.end, epoch: await head.grantEpoch('west') });
  }
}

function recordedAt(scope: string, entityId: string): CommandSubmission {
  const fields = { product: entityId, quantity: BEGIN };
  return { command: { type: 'record', dataset: stock.name, scope, entityId, fields }, actor: 'anna' };
}

function opened(disk: MemoryDisk): Machine {
  const { office, role } = disk;
  const ledger = createLedger({ store: disk.open(), office, role, ports: machinePorts, program: '0.1.0' });
  return { disk, ledger };
}
