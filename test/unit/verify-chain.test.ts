import { verifyChain, type VerifiedRun } from '../../mixins/ledger/verify-chain.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import type { EventRow, LogRow, StoreReader } from '../../mixins/store/store.ts';
import { LogWriter } from '../contract/store-fixtures.ts';

const EVENTS = 25;

function logOf(office: string, epochs: readonly number[] = Array<number>(EVENTS).fill(1)): EventRow[] {
  const writer = new LogWriter();
  return epochs.map((epoch, index) => writer.event({ office, epoch, seq: index + 1 }, index + 1));
}

function reader(rows: readonly EventRow[], log: Partial<LogRow> = {}): StoreReader {
  const last = logOf('west').at(-1)!;
  const tail = { epoch: last.event.epoch, seq: last.event.seq, hash: last.hash };
  return {
    logRow: async () => ({ office: 'west', role: 'branch', tail, ...log }),
    eventsBySeq: async (office: string, after: number, { count }: { count: number }) =>
      rows.filter(({ event }) => event.office === office && event.seq > after).slice(0, count),
  } as unknown as StoreReader;
}

async function verified(read: StoreReader, limit: number): Promise<VerifiedRun> {
  let whole: VerifiedRun = { office: 'west', events: 0, loose: 0, next: 0, broken: null };
  while (whole.next !== null && whole.broken === null) {
    const run = await verifyChain(read, machinePorts, { office: 'west', after: whole.next, limit });
    whole = { ...run, events: whole.events + run.events, loose: whole.loose + run.loose };
  }
  return whole;
}

describe('a log that is held against its chain', () => {
  it.each([1, 4, 24, 25, 100])('is as it was written, %d events at a time', async (limit) => {
    const found = await verified(reader(logOf('west')), limit);
    expect(found).toEqual({ office: 'west', events: EVENTS, loose: 0, next: null, broken: null });
  });

  it.each([1, 7, 100])('shows a byte that was changed, %d events at a time', async (limit) => {
    const rows = logOf('west').map((row, index) => {
      if (index !== 9) return row;
      const bytes = Uint8Array.from(row.bytes);
      bytes[bytes.length - 3]! ^= 1;
      return { ...row, bytes };
    });
    expect(await verified(reader(rows), limit)).toMatchObject({ broken: 'west@1:10' });
  });

  it('shows an event that was taken out, in the middle and at the end', async () => {
    const rows = logOf('west');
    expect(await verified(reader(rows.toSpliced(9, 1)), 7)).toMatchObject({ broken: 'west@1:11' });
    expect(await verified(reader(rows.slice(0, -2)), 7)).toMatchObject({ broken: 'west@1:25' });
    expect(await verified(reader([]), 7)).toMatchObject({ broken: 'west@1:25' });
  });

  it('goes on from an earlier life, and lets a restored head lack a part of one', async () => {
    const epochs = Array.from({ length: EVENTS }, (_, index) => (index < 10 ? 1 : 2));
    const rows = logOf('west', epochs);
    const tail = { epoch: 2, seq: EVENTS, hash: rows.at(-1)!.hash };
    expect(await verified(reader(rows, { tail }), 4)).toMatchObject({ broken: null, loose: 0 });
    const lacking = rows.toSpliced(5, 1);
    expect(await verified(reader(lacking, { tail, role: 'head' }), 4)).toMatchObject({
      broken: null,
      loose: 1,
    });
    expect(await verified(reader(lacking, { tail }), 4)).toMatchObject({ broken: 'west@1:7' });
    expect(await verified(reader(rows.toSpliced(15, 1), { tail, role: 'head' }), 4)).toMatchObject({
      broken: 'west@2:17',
    });
  });
});
