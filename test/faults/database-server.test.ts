// The database server under a head and a branch: restarted, killed, its connections ended, its locks in knots.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRaw, type Raw } from '../contract/store-raw.ts';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { paper, record, type Sale } from '../e2e/sales.ts';
import { type MariaDbServer, startMariaDb } from '../harness/mariadb.ts';
import { type PostgresServer, startPostgres } from '../harness/postgres.ts';
import { eventually } from '../harness/wait.ts';
import { afterwards, selling, sold } from './afterwards.ts';
import { HastySeller } from './hasty-seller.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { forRun } from './pairs.ts';
import { stopSelling } from './seller.ts';

const START = { postgresql: startPostgres, mariadb: startMariaDb } as const;

/** Of everybody but the one who asks: who wants a lock that is not given. */
const WAITING = {
  postgresql:
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' ` +
    `and pid <> pg_backend_pid()`,
  // Not innodb_trx, which shows the same for as long as it is asked often.
  mariadb:
    `select 1 from information_schema.processlist where db = database() and command = 'Execute' ` +
    `and info like '%for update'`,
} as const;
const LOCK_LOG = 'select * from log where id = 1 for update';

describe.each(['postgresql', 'mariadb'] as const)('a head and a branch on one %s', (kind) => {
  let server: PostgresServer | MariaDbServer;
  let company: Company;
  let west: OfficeProcess;
  let urls: { readonly head: string; readonly west: string };

  beforeAll(async () => {
    server = await START[kind]();
    urls = { head: await server.createDatabase('head'), west: await server.createDatabase('west') };
    company = await Company.open({
      head: { database: { url: urls.head } },
      branches: { west: { database: { url: urls.west } } },
    });
    west = company.office('west');
  }, 240_000);

  afterAll(async () => {
    await company.close();
    await server.remove();
  }, 120_000);

  async function session(url: string): Promise<Raw> {
    return afterwards(await openRaw(kind, url));
  }

  /** Resolves when the office on this database is in the middle of a transaction. */
  async function isMidTransaction(url: string): Promise<void> {
    const watcher = await openRaw(kind, url);
    await eventually(async () => expect(await watcher.run(WAITING[kind])).not.toEqual([]), 60_000);
    await watcher.close();
  }

  it('lose and double nothing when it is restarted in the middle of their transactions', async () => {
    const atWest = selling(west, 4);
    const hasty = afterwards(new HastySeller(west));
    await sold(atWest);
    for (let round = 0; round < forRun(6, 2); round++) {
      for (const url of [urls.head, urls.west]) {
        // the head has only to do while the branch sells
        const holder = await session(url);
        await holder.run('start transaction');
        await holder.run(LOCK_LOG);
        await isMidTransaction(url);
      }
      await (round % 2 === 0 ? server.stop() : server.kill());
      await server.restart();
      await sold(atWest);
    }
    await hasty.close();
    await stopSelling(atWest);
    await reckon(company, 'west', [...atWest, hasty]);
  }, 600_000);

  it('lose and double nothing when all their connections are ended again and again', async () => {
    const killers = [await session(urls.west), await session(urls.head)];
    const atWest = selling(west, 8);
    const hasty = afterwards(new HastySeller(west));
    for (let round = 0; round < forRun(40, 8); round++) {
      await sold(atWest, 10);
      await Promise.all(killers.map((killer) => killer.killOthers()));
    }
    await hasty.close();
    await stopSelling(atWest);
    await reckon(company, 'west', [...atWest, hasty]);
  }, 600_000);

  it('answer a command once that met a deadlock with somebody who locks in the wrong order', async () => {
    const atWest = selling(west, 2, 20);
    const knots = forRun(20, 3);
    const { id } = await record(west, paper(1));
    await sold(atWest);
    await stopSelling(atWest); // in the knots is nobody but who is asked below
    const foreign = await session(urls.west);
    // Who looks for knots later than the office, or has more to lose, is not the one who is ended.
    if (kind === 'postgresql') await foreign.run(`set deadlock_timeout = '60s'`);
    for (let knot = 1; knot <= knots; knot++) {
      await foreign.run('start transaction');
      if (kind === 'mariadb') await foreign.run(`update sales set region = 'x' where entity_id <> '${id}'`);
      await foreign.run(`select * from sales where scope = 'west' and entity_id = '${id}' for update`);
      const amended = west.send<Sale>('PATCH', `/api/sales/${id}`, { qty: 100 + knot });
      await isMidTransaction(urls.west);
      await foreign.run(LOCK_LOG); // the knot is tied; the office is to untie it
      await foreign.run('rollback');
      expect(await amended).toMatchObject({ status: 200, body: { qty: 100 + knot } });
    }
    await reckon(company, 'west', atWest);
    const history = await company.head.get<{ items: unknown[] }>(`/api/sales/${id}/history?office=west`);
    expect(history.body.items).toHaveLength(1 + knots);
  }, 600_000);
});
