// The disk under an office's database is full: to the reserve, to the last byte; then there is room again.
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { amend, paper, record, type Sale, syncState } from '../e2e/sales.ts';
import { branchline, type OfficeProcess } from '../e2e/office-process.ts';
import { startMariaDb } from '../harness/mariadb.ts';
import { startPostgres } from '../harness/postgres.ts';
import type { Server } from '../harness/server.ts';
import { SmallDisk, whyNoSmallDisk } from '../harness/small-disk.ts';
import { eventually } from '../harness/wait.ts';
import { afterwards, selling, sold } from './afterwards.ts';
import { Company } from './company.ts';
import { reckon } from './oracle.ts';
import { isFullRun } from './pairs.ts';
import { stopSelling } from './seller.ts';

const MIB = 1024 * 1024;
const RESERVE_MIB = 8;

const impossible = whyNoSmallDisk();
if (impossible !== null) {
  const untested = `NOT TESTED: full disks. No tmpfs can be mounted here: ${impossible}`;
  if (isFullRun) throw new Error(untested); // a full run is a proof: it leaves nothing out
  process.stderr.write(`\n${untested}\n\n`);
}
/** An ordinary user, who may mount nothing, can run the rest of npm test. */
const onSmallDisk = impossible === null ? describe : describe.skip;

async function refusesToSell(office: OfficeProcess): Promise<void> {
  await eventually(async () => {
    const { status, body, headers } = await office.send('POST', '/api/sales', paper(1));
    expect({ status, body, again: headers.get('retry-after') }).toMatchObject({
      status: 503,
      body: { type: 'urn:branchline:problem:disk-full' },
      again: '1',
    });
  }, 90_000);
}

async function saysSo(office: OfficeProcess): Promise<void> {
  await eventually(async () => {
    expect(await syncState(office)).toMatchObject({ problem: { type: 'disk-full' } });
    expect((await office.get('/health/ready')).status).toBe(503);
  }, 60_000);
}

onSmallDisk('a branch on SQLite whose disk is full', () => {
  async function open(): Promise<{ company: Company; west: OfficeProcess; disk: SmallDisk }> {
    const disk = afterwards(await SmallDisk.mount(32));
    const url = `sqlite:${join(disk.folder, 'west.sqlite')}`;
    const settings = { DISK_RESERVE_MB: String(RESERVE_MIB) };
    const company = afterwards(
      await Company.open({
        head: { database: 'postgresql' },
        branches: { west: { database: { url }, settings } },
      }),
    );
    return { company, west: company.office('west'), disk };
  }

  it('stops selling at the reserve, and nothing else: it syncs both ways, stops and starts', async () => {
    const { company, west, disk } = await open();
    const first = await record(west, paper(1));
    await eventually(async () => expect((await syncState(west)).pending).toBe(0), 60_000);
    await west.send('POST', '/api/sync/pause');
    const atWest = selling(west, 4);
    await sold(atWest, 200);
    await disk.fill(RESERVE_MIB * MIB + 64 * 1024); // the last of it they fill themselves
    await refusesToSell(west);
    await saysSo(west);
    await west.send('POST', '/api/sync/resume');
    await eventually(async () => expect((await syncState(west)).pending).toBe(0), 60_000);
    await amend(company.head, first.id, { qty: 7 }, '?office=west');
    await eventually(async () =>
      expect((await west.get<Sale>(`/api/sales/${first.id}`)).body).toMatchObject({ qty: 7 }),
    );
    const doctor = await branchline(['doctor'], west.settings);
    expect(doctor).toMatchObject({ code: 1 });
    expect(doctor.stdout).toMatch(/PROBLEM {2}disk: 7 MiB are free, and DISK_RESERVE_MB is 8/);
    const acked = (await syncState(west)).ackedSeq;
    expect(await west.stop()).toBe(0);
    await disk.fill(MIB); // a checkpoint at the end has made some room
    await west.start(503);
    expect((await syncState(west)).ackedSeq).toBeGreaterThanOrEqual(acked);
    await refusesToSell(west);
    await disk.clear();
    await sold(atWest);
    await west.becomes(200);
    await stopSelling(atWest);
    await reckon(company, 'west', atWest);
  }, 240_000);

  it('reads, and goes on without a restart, when somebody else has taken the last byte', async () => {
    const { company, west, disk } = await open();
    const first = await record(west, paper(1));
    const atWest = selling(west, 4);
    await sold(atWest);
    await disk.fill();
    expect(disk.freeBytes).toBe(0);
    await refusesToSell(west);
    await saysSo(west);
    expect((await west.get<Sale>(`/api/sales/${first.id}`)).body).toEqual(first);
    await disk.clear();
    await sold(atWest);
    await west.becomes(200);
    await stopSelling(atWest);
    await reckon(company, 'west', atWest);
  }, 240_000);
});

const SERVERS = { postgresql: startPostgres, mariadb: startMariaDb } as const;
const kinds = isFullRun ? (['postgresql', 'mariadb'] as const) : (['mariadb'] as const);

onSmallDisk.each(kinds)('an office on %s whose disk is full', (kind) => {
  async function startServer(): Promise<{ server: Server; url: string; disk: SmallDisk }> {
    const disk = afterwards(await SmallDisk.mount(256));
    const server = afterwards(await SERVERS[kind]({ folder: disk.folder }));
    return { server, url: await server.createDatabase('full'), disk };
  }

  /** PostgreSQL ends itself when it cannot write ahead; whoever runs it starts it again, when there is room. */
  async function isThere(server: Server): Promise<void> {
    if (server.pid === undefined) await server.restart();
  }

  it('sells on as a branch when there is room again, nothing lost or doubled', async () => {
    const { server, url, disk } = await startServer();
    const company = afterwards(
      await Company.open({ head: { database: 'postgresql' }, branches: { west: { database: { url } } } }),
    );
    const west = company.office('west');
    const atWest = selling(west, 4);
    await sold(atWest);
    await disk.fill();
    await stopsSelling(west, server);
    await disk.clear();
    await isThere(server);
    await sold(atWest);
    await west.becomes(200);
    await stopSelling(atWest);
    await reckon(company, 'west', atWest);
  }, 300_000);

  it('takes on as a head what branches have sold meanwhile, nothing lost or doubled', async () => {
    const { server, url, disk } = await startServer();
    const company = afterwards(
      await Company.open({ head: { database: { url } }, branches: { west: { database: 'sqlite' } } }),
    );
    const atWest = selling(company.office('west'), 4);
    await sold(atWest);
    await disk.fill();
    await stopsSelling(company.head, server);
    await eventually(async () =>
      expect((await syncState(company.office('west'))).pending).toBeGreaterThan(100),
    );
    await sold(atWest, 100);
    await disk.clear();
    await isThere(server);
    await stopSelling(atWest);
    await reckon(company, 'west', atWest);
  }, 300_000);

  /** The office says why, unless the server has ended itself for want of room: then nobody knows. */
  async function stopsSelling(office: OfficeProcess, server: Server): Promise<void> {
    await eventually(async () => {
      const { status, body } = await office.send<{ type: string }>('POST', '/api/sales', paper(1));
      const isGone = server.pid === undefined;
      const expected = isGone ? /database-unavailable|commit-unknown/ : /disk-full/;
      const said = { status, body, isGone, log: server.log().slice(-2_000) };
      expect(said).toMatchObject({ status: 503, body: { type: expect.stringMatching(expected) as unknown } });
    }, 90_000);
    if (server.pid !== undefined) await saysSo(office);
  }
});
