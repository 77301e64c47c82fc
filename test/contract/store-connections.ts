import { errorType } from '../../domain/errors.ts';
import type { StoreTx } from '../../mixins/store/store.ts';
import { officeRow, PLENTY, recorded } from './store-fixtures.ts';
import { failureOf, type StoreWorld } from './store-world.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** What transactions do when a server, or the line to it, fails. */
export function serverContract(world: StoreWorld): void {
  runAgain(world);
  inDoubt(world);
  away(world);
}

function runAgain(world: StoreWorld): void {
  it('runs again when it was the victim of a deadlock', async () => {
    await world.write((tx) => tx.saveOffices([officeRow('east'), officeRow('west')]));
    let [runs, waiting] = [0, 0];
    let release!: () => void;
    const bothHoldOne = new Promise<void>((done) => (release = done));
    const cross = (first: string, second: string) => async (tx: StoreTx) => {
      runs++;
      await tx.lockOffices([first]);
      if (++waiting === 2) release();
      await bothHoldOne;
      // What was asked at once with the statement that fails must not stay: the second run could not insert it again.
      await Promise.all([tx.lockOffices([second]), tx.saveEntities([recorded(first, {})])]);
      return world.advance(tx);
    };
    const both = await Promise.all([world.write(cross('east', 'west')), world.write(cross('west', 'east'))]);
    expect(both.toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(runs).toBeGreaterThan(2);
  });

  it('runs again when the server kills its connection in the middle', async () => {
    const killer = await world.raw();
    let runs = 0;
    const position = await world.write(async (tx) => {
      const reached = await world.advance(tx);
      if (++runs === 1) await killer.killOthers();
      await tx.saveOffices([officeRow('east')]);
      return reached;
    });
    expect([position, runs]).toEqual([1, 2]);
    expect((await world.store.read.eventsByPosition(0, PLENTY)).length).toBe(1);
  });

  it('runs again when the connection breaks before the commit is sent', async () => {
    let breaks = 1;
    const breaking = await world.open({
      failPoint: (name, fault) => {
        if (name === 'before-commit' && breaks-- > 0) fault.sever();
      },
    });
    // Whatever is sent on the broken connection fails, the commit too: it must not count as sent.
    const outcome = await breaking.transaction(async (tx) => {
      await tx.offices();
      return world.advance(tx);
    });
    expect(outcome).toBe(1);
    expect((await world.store.read.logRow()).position).toBe(1);
  });
}

function inDoubt(world: StoreWorld): void {
  it('says that it does not know when the connection breaks during the commit', async () => {
    const breaking = await world.open({
      failPoint: (name, fault) => {
        if (name === 'commit-sent') fault.sever();
      },
    });
    const error = await failureOf(breaking.transaction((tx) => world.advance(tx)));
    expect(errorType(error)).toBe('commit-unknown');
    // Settled by reading back, behind the lock that the one in doubt may still hold: all is there, or nothing.
    await world.write(async (tx) => {
      const { position } = await tx.lockLog();
      expect((await tx.eventsByPosition(0, PLENTY)).length).toBe(position);
    });
  });

  it('replaces connections that died while they lay idle', async () => {
    await Promise.all([1, 2, 3].map(() => world.store.read.logRow()));
    await (await world.raw()).killOthers();
    expect((await world.store.read.logRow()).position).toBe(0);
    expect(await world.write(world.advance)).toBe(1);
    expect(await world.store.read.offices()).toEqual([]);
  });
}

function away(world: StoreWorld): void {
  it('says that the database is away, and goes on when it is back', async () => {
    const proxy = await TcpProxy.open(world.place.url);
    try {
      const distant = await world.open({ url: proxy.through(world.place.url), poolSize: 2 });
      proxy.cut();
      for (let attempt = 0; attempt < 4; attempt++) {
        expect(errorType(await failureOf(distant.transaction((tx) => world.advance(tx))))).toBe(
          'database-unavailable',
        );
        expect(errorType(await failureOf(distant.read.logRow()))).toBe('database-unavailable');
        expect(errorType(await failureOf(distant.read.offices()))).toBe('database-unavailable');
      }
      proxy.join();
      expect(await distant.transaction((tx) => world.advance(tx))).toBe(1);
      expect(await distant.read.offices()).toEqual([]);
      await distant.close();
    } finally {
      await proxy.close();
    }
  });

  it('says that the database is away when it cannot be opened, and opens it later', async () => {
    const proxy = await TcpProxy.open(world.place.url);
    try {
      proxy.cut();
      const distant = world.create({ url: proxy.through(world.place.url) });
      expect(errorType(await failureOf(distant.open()))).toBe('database-unavailable');
      proxy.join();
      await distant.open();
      expect((await distant.read.logRow()).office).toBe('west');
      await distant.close();
    } finally {
      await proxy.close();
    }
  });
}

/** What transactions do when others use the file, too. */
export function fileContract(world: StoreWorld): void {
  it('waits for another process to let go of the file', async () => {
    const other = await world.raw();
    await other.run('begin immediate');
    let isDone = false;
    const waiting = world.write(world.advance).then((position) => {
      isDone = true;
      return position;
    });
    // Reading goes on meanwhile, and the event loop does, too.
    for (let turn = 0; turn < 5; turn++) expect((await world.store.read.logRow()).position).toBe(0);
    expect(isDone).toBe(false);
    await other.run('commit');
    expect(await waiting).toBe(1);
  });

  it('is away when it was closed', async () => {
    await world.store.close();
    await expect(world.store.read.logRow()).rejects.toThrow('not open');
    await expect(world.write(world.advance)).rejects.toThrow('not open');
  });
}
