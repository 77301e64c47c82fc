import { verifyChain, type VerifiedRun } from '../../mixins/ledger/verify-chain.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import type { EventRow, KeptEvent, LogRow, StoreReader } from '../../mixins/store/store.ts';
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
    keptBySeq: async (office: string, after: number, { count }: { count: number }) =>
      rows
        .filter(({ event }) => event.office === office && event.seq > after)
        .slice(0, count)
        .map(keptOf),
  } as unknown as StoreReader;
}

function keptOf({ event, bytes, hash }: EventRow): KeptEvent {
  const { office, epoch, seq, dataset, scope, entityId } = event;
  return { office, epoch, seq, dataset, scope, entityId, byOwner: true, size: bytes.length, hash, bytes };
}

function slowly(...parts: Uint8Array[]): Uint8Array {
  const endMs = performance.now() + 2;
  while (performance.now() < endMs);
  return machinePorts.sha256(...parts);
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

  it('is read on while a page of it is looked at', async () => {
    const rows = logOf('west', Array<number>(2_500).fill(1));
    const { event, hash } = rows.at(-1)!;
    const read = reader(rows, { tail: { epoch: event.epoch, seq: event.seq, hash } });
    let hashed = 0;
    const begun: number[] = [];
    const ports = {
      ...machinePorts,
      sha256(...parts: Uint8Array[]) {
        hashed += 1;
        return machinePorts.sha256(...parts);
      },
    };
    const keptBySeq: StoreReader['keptBySeq'] = (...of) => {
      begun.push(hashed);
      return read.keptBySeq(...of);
    };
    const asked = { office: 'west', after: 0, limit: 10_000 };
    const found = await verifyChain({ ...read, keptBySeq }, ports, asked);
    expect(found).toMatchObject({ events: 2_500, broken: null });
    const [first, second, third] = begun;
    expect([first, second]).toEqual([0, 0]);
    expect(third).toBeGreaterThan(0);
    expect(third).toBeLessThan(1_000); // of the page before, nothing
  });

  it('lets others have a turn, and holds no more in memory than a page', async () => {
    let turns = 0;
    let handle = setImmediate(function again() {
      turns += 1;
      handle = setImmediate(again);
    });
    const asked: { count: number; bytes: number }[] = [];
    const read = reader(logOf('west'));
    const noted: StoreReader = {
      ...read,
      keptBySeq: (office, after, limit) => {
        asked.push(limit);
        return read.keptBySeq(office, after, limit);
      },
    };
    const run = await verifyChain(noted, { sha256: slowly }, { office: 'west', after: 0, limit: 10_000 });
    clearImmediate(handle);
    expect(run).toMatchObject({ events: EVENTS, broken: null });
    expect(turns).toBeGreaterThan(1);
    for (const { count, bytes } of asked) expect([count <= 1_000, bytes <= 2 ** 22]).toEqual([true, true]);
  });

  it('does not take a repair that comes between the reads for damage', async () => {
    const whole = logOf('west').slice(0, 20);
    const ends = [
      { epoch: 1, seq: EVENTS, hash: logOf('west').at(-1)!.hash },
      { epoch: 2, seq: 20, hash: whole.at(-1)!.hash },
    ];
    const read = reader(whole);
    const repaired = {
      ...read,
      logRow: async () => ({
        ...(await read.logRow()),
        tail: ends.shift() ?? { ...whole.at(-1)!, ...whole.at(-1)!.event, epoch: 2 },
      }),
    };
    expect(await verified(repaired, 100)).toMatchObject({ events: 20, broken: null });
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

  it('lets a restored head that has written nothing since lack a part of what it lost', async () => {
    const rows = logOf('west');
    const { event, hash } = rows[14]!;
    const restored = { role: 'head', tail: { epoch: 1, seq: 15, hash } } as const;
    const returned = rows.toSpliced(15, 4);
    expect(event.seq).toBe(15);
    expect(await verified(reader(returned, restored), 4)).toMatchObject({ broken: null, loose: 1 });
    expect(await verified(reader(returned, { tail: restored.tail }), 4)).toMatchObject({
      broken: 'west@1:20',
    });
    expect(await verified(reader(rows.toSpliced(12, 1), restored), 4)).toMatchObject({ broken: 'west@1:14' });
  });

  it('lets what a later life wrote stand beside an earlier one, whose event is not the one before it', async () => {
    const first = logOf('west').slice(0, 12);
    const second = logOf('west', Array<number>(EVENTS).fill(2)).slice(11, 14); // what was before them is not held
    const third = logOf('west', Array<number>(EVENTS).fill(3));
    const tail = { epoch: 3, seq: 1, hash: third[0]!.hash };
    const rows = [...first.slice(0, 11), ...second].sort((a, b) => a.event.seq - b.event.seq);
    const found = await verified(reader([third[0]!, ...rows], { role: 'head', tail }), 100);
    expect(found).toMatchObject({ broken: null, loose: 1 });
  });
});
