import { createHash } from 'node:crypto';
import { encodeEvent } from '../../domain/canonical.ts';
import { dotName } from '../../domain/event.ts';
import { verifyChain } from '../../mixins/ledger/verify-chain.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import type { EventRow } from '../../mixins/store/store.ts';
import { officeRow } from './store-fixtures.ts';
import type { StoreWorld } from './store-world.ts';

const EVENTS = 12;

/** What is changed in the database behind the office's back is found when its log is verified. */
export function verifyContract(world: StoreWorld): void {
  describe('a log that is verified', () => {
    let rows: EventRow[];

    beforeEach(async () => {
      rows = Array.from({ length: EVENTS }, (_, index) =>
        world.log.event({ office: 'west', seq: index + 1 }, index + 1),
      );
      await write(world, rows);
    });

    const found = async (limit = 100): Promise<string | null> => {
      const asked = { office: 'west', after: 0, limit };
      return (await verifyChain(world.store.read, machinePorts, asked)).broken;
    };
    const change = async (what: string, seq: number): Promise<void> => {
      await (await world.raw()).run(`update event set ${what} where seq = ${seq}`);
    };

    it('is as it was written', async () => {
      expect(await found()).toBe(null);
      for (let after: number | null = 0; after !== null;) {
        const run = await verifyChain(world.store.read, machinePorts, { office: 'west', after, limit: 5 });
        expect(run).toMatchObject({ events: Math.min(5, EVENTS - after), broken: null });
        after = run.next;
      }
    });

    it.each([
      ['scope', `scope = 'east'`],
      ['entity id', `entity_id = 'thing-1'`],
      ['dataset', `dataset = 'sales'`],
      ['owner', 'by_owner = 0'],
      ['size', 'size = size + 1'],
      ['life', 'epoch = 2'],
    ])('shows a row with another %s than its event has', async (_, what) => {
      await change(what, 5);
      expect(await found()).toBe(`west@${what.startsWith('epoch') ? 2 : 1}:5`);
    });

    it('shows a last event that was changed with its hash, and a chain that was written anew', async () => {
      for (const from of [EVENTS, 4]) {
        for (const { event, bytes, hash } of forged(rows, from))
          await change(`bytes = ${literal(world, bytes)}, hash = ${literal(world, hash)}`, event.seq);
        expect(await found()).toBe(`west@1:${EVENTS}`);
        expect(await found(5)).toBe(null); // does not come to the end
      }
    });

    it('shows, at the head, a last event of a branch that was changed with its hash', async () => {
      const east = [1, 2, 3].map((seq) => world.log.event({ office: 'east', seq }, EVENTS + seq));
      const { hash } = east.at(-1)!;
      await world.write(async (tx) => {
        await tx.insertEvents(east);
        await tx.saveOffices([officeRow('east', { cursor: { epoch: 1, seq: 3, hash } })]);
      });
      const asked = { office: 'east', after: 0, limit: 100 };
      expect(await verifyChain(world.store.read, machinePorts, asked)).toMatchObject({ broken: null });
      const [last] = forged(east, 3);
      const changed = `bytes = ${literal(world, last!.bytes)}, hash = ${literal(world, last!.hash)}`;
      await (await world.raw()).run(`update event set ${changed} where office = 'east' and seq = 3`);
      expect(await verifyChain(world.store.read, machinePorts, asked)).toMatchObject({
        broken: dotName(last!.event),
      });
    });
  });
}

async function write(world: StoreWorld, rows: readonly EventRow[]): Promise<void> {
  const { event, hash, position } = rows.at(-1)!;
  const tail = { epoch: event.epoch, seq: event.seq, hash };
  await world.write(async (tx) => {
    const log = await tx.lockLog();
    await tx.insertEvents(rows);
    await tx.saveLog({ ...log, position, tail });
  });
}

/** These events from a seq on as somebody would write them who knows how they are chained. */
function forged(rows: readonly EventRow[], from: number): EventRow[] {
  let previous = rows.find(({ event }) => event.seq === from - 1)!.hash;
  return rows.slice(from - 1).map((row) => {
    const bytes = encodeEvent({ ...row.event, actor: 'adam' });
    previous = new Uint8Array(createHash('sha256').update(previous).update(bytes).digest());
    return { ...row, bytes, hash: previous };
  });
}

function literal({ kind }: StoreWorld, bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return kind === 'postgresql' ? `decode('${hex}', 'hex')` : `x'${hex}'`;
}
