import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fileContract, serverContract } from './store-connections.ts';
import { conflictCase, officeRow, PLENTY, recorded, things, waitingRow, WITH } from './store-fixtures.ts';
import type { StoreTx } from '../../mixins/store/store.ts';
import type { StoreWorld } from './store-world.ts';

/** What a store promises of its transactions. */
export function transactionContract(world: StoreWorld): void {
  describe('a transaction', () => {
    allOrNothing(world);
    failures(world);
    together(world);

    if (world.isServer) serverContract(world);
    else fileContract(world);
  });
}

function allOrNothing(world: StoreWorld): void {
  it('leaves nothing behind when its work fails', async () => {
    const failed = world.write(async (tx) => {
      await world.advance(tx);
      await tx.saveEntities([recorded('one', {})]);
      await tx.saveOffices([officeRow('east')]);
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect((await world.store.read.logRow()).position).toBe(0);
    expect(await world.store.read.eventsByPosition(0, PLENTY)).toEqual([]);
    expect(await world.store.read.countRows(things, WITH)).toBe(0);
    expect(await world.store.read.offices()).toEqual([]);
    expect(await world.write(world.advance)).toBe(1);
  });

  it('reads what it wrote', async () => {
    await world.write(async (tx) => {
      const [one, two] = [recorded('one', { amount: '2' }), conflictCase(1)];
      await tx.saveEntities([one]);
      await tx.saveCases([two]);
      await tx.insertWaiting([waitingRow(1, 'one')]);
      await tx.saveOffices([officeRow('east')]);
      expect(await tx.rows(things, { ...WITH, limit: 9 })).toEqual([one.row]);
      expect(await tx.sumRows(things, 'amount', WITH)).toBe('2');
      expect(await tx.cases({ limit: 9 })).toEqual([two]);
      expect(await tx.waiting(0, 9)).toEqual([waitingRow(1, 'one')]);
      expect(await tx.offices()).toEqual([officeRow('east')]);
      expect(await world.store.read.offices()).toEqual([]);
      expect(await world.store.read.cases({ limit: 9 })).toEqual([]);
    });
  });

  it('takes statements that do not wait for each other', async () => {
    await world.write(async (tx) => {
      await Promise.all(['a', 'b', 'c'].map((id) => tx.saveEntities([recorded(id, {})])));
      expect(await Promise.all([tx.countRows(things, WITH), tx.logRow(), tx.offices()])).toHaveLength(3);
    });
    expect(await world.store.read.countRows(things, WITH)).toBe(3);
  });
}

function failures(world: StoreWorld): void {
  it('does not commit when a statement failed and its work went on', async () => {
    const hushed = world.write(async (tx) => {
      await tx.saveEntities([recorded('one', {})]);
      await tx.saveEntities([recorded('one', {})]).catch(() => {});
    });
    await expect(hushed).rejects.toThrow();
    expect(await world.store.read.countRows(things, WITH)).toBe(0);
  });

  it('leaves nothing behind of statements asked at once, one of which fails', async () => {
    const failing = world.write((tx) =>
      Promise.all([
        tx.saveEntities([recorded('one', {})]),
        tx.saveEntities([recorded('one', {})]),
        tx.saveOffices([officeRow('east')]),
        tx.offices().then(() => tx.saveEntities([recorded('two', {})])),
      ]),
    );
    await expect(failing).rejects.toThrow();
    await expect(world.write(world.advance)).resolves.toBe(1);
    expect(await world.store.read.countRows(things, WITH)).toBe(0);
    expect(await world.store.read.offices()).toEqual([]);
  });

  it('refuses what is asked of it when it is over', async () => {
    let kept!: StoreTx;
    await world.write(async (tx) => (kept = tx));
    await expect(kept.saveEntities([recorded('late', {})])).rejects.toThrow('over');
    const failing = world.write(async (tx) => {
      kept = tx;
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await expect(kept.saveEntities([recorded('late', {})])).rejects.toThrow('over');
    expect(await world.store.read.countRows(things, WITH)).toBe(0);
  });

  it('runs once when the failure is its own, whatever that looks like', async () => {
    let runs = 0;
    const failing = world.write(async (tx) => {
      runs++;
      await world.advance(tx);
      throw Object.assign(new Error('of another connection'), { code: 'ECONNRESET', errcode: 5 });
    });
    await expect(failing).rejects.toThrow('of another connection');
    expect(runs).toBe(1);
    expect((await world.store.read.logRow()).position).toBe(0);
  });
}

function together(world: StoreWorld): void {
  it('leaves connections to those who read, however many there are', async () => {
    const small = await world.open({ poolSize: 2 });
    const seen = await Promise.all(
      Array.from({ length: 20 }, () =>
        small.transaction(async (tx) => {
          await world.advance(tx);
          return (await small.read.logRow()).office;
        }),
      ),
    );
    expect(seen).toHaveLength(20);
    expect((await small.read.logRow()).position).toBe(20);
  });

  it('gives 50 at once each a position of its own, without a gap', async () => {
    const other = await world.open();
    const stores = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? world.store : other));
    const positions = await Promise.all(stores.map((one) => one.transaction((tx) => world.advance(tx))));
    expect(positions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    const held = await world.store.read.eventsByPosition(0, PLENTY);
    expect(held.map(({ position }) => position)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect((await world.store.read.logRow()).position).toBe(50);
  });

  it('takes turns with another process', async () => {
    const appender = fileURLToPath(new URL('store-appender.ts', import.meta.url));
    const child = promisify(execFile)(process.execPath, ['--no-warnings', appender, world.place.url, '40']);
    await Promise.all(Array.from({ length: 40 }, () => world.write((tx) => world.advance(tx))));
    await child;
    const held = await world.store.read.eventsByPosition(0, PLENTY);
    expect(held.map(({ position }) => position)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  });
}
