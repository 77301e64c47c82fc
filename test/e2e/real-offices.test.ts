// A head on PostgreSQL, a branch on MariaDB and one on SQLite, over RabbitMQ: environment variables alone, real
// commands, separate processes.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testAmqp, testMariaDb, testPostgres, testSqlite, type TestPlace } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { branchline, OfficeProcess, type Settings } from './office-process.ts';
import { agree, amend, type Case, paper, record, type Sale, syncState, voidSale } from './sales.ts';

const places: TestPlace[] = [];
const offices: OfficeProcess[] = [];
let head: OfficeProcess;
let east: OfficeProcess;
let west: OfficeProcess;
let linkUrl: string;

async function place(made: Promise<TestPlace>): Promise<string> {
  const { url } = places[places.push(await made) - 1] as TestPlace;
  return url;
}

async function start(settings: Settings): Promise<OfficeProcess> {
  const office = await OfficeProcess.start(settings);
  offices.push(office);
  return office;
}

beforeAll(async () => {
  linkUrl = await place(testAmqp());
  const [onPostgres, onMariaDb, onSqlite] = [
    await place(testPostgres()),
    await place(testMariaDb()),
    await place(testSqlite()),
  ];
  head = await start({ OFFICE_ID: 'head', OFFICE_ROLE: 'head', DATABASE_URL: onPostgres, LINK_URL: linkUrl });
  for (const id of ['east', 'west']) {
    const added = await branchline(['offices', 'add', id, '--name', `The ${id}`], head.settings);
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining(`OFFICE_ID=${id}`) as unknown });
  }
  const branch = { OFFICE_ROLE: 'branch', LINK_URL: linkUrl };
  east = await start({ ...branch, OFFICE_ID: 'east', DATABASE_URL: onMariaDb });
  west = await start({ ...branch, OFFICE_ID: 'west', DATABASE_URL: onSqlite });
}, 120_000);

afterAll(async () => {
  await Promise.all(offices.map((office) => office.stop()));
  await Promise.all(places.map((made) => made.drop()));
}, 60_000);

describe('a head on PostgreSQL, a branch on MariaDB, a branch on SQLite', () => {
  it('brings sales of both to the head in near real time', async () => {
    const [inEast, inWest] = [await record(east, paper(3)), await record(west, paper(4))];
    await eventually(async () => {
      expect((await head.get<Sale>(`/api/sales/${inEast.id}`)).body).toEqual(inEast);
      expect((await head.get<Sale>(`/api/sales/${inWest.id}`)).body).toEqual(inWest);
    }, 5_000);
    await agree(head, east, 'east');
    await agree(head, west, 'west');
  });

  it('shows no office the sales of another', async () => {
    const inWest = await record(west, paper(5));
    await agree(head, west, 'west');
    expect((await east.get(`/api/sales/${inWest.id}`)).status).toBe(404);
  });

  it.each(['east', 'west'])(
    'sells on at %s while it is paused, and settles what both sides changed',
    async (id) => {
      const branch = id === 'east' ? east : west;
      const [counted, priced] = [await record(branch, paper(6)), await record(branch, paper(7))];
      await agree(head, branch, id);
      expect((await branch.send('POST', '/api/sync/pause')).status).toBe(200);
      await amend(branch, counted.id, { qty: 60 });
      await amend(branch, priced.id, { cost: '10.00' });
      await amend(head, counted.id, { qty: 66 });
      await amend(head, priced.id, { cost: '11.00' });
      expect((await syncState(branch)).pending).toBeGreaterThanOrEqual(2);
      expect((await branch.send('POST', '/api/sync/resume')).status).toBe(200);
      await eventually(async () => {
        const { body } = await head.get<{ items: Case[] }>(`/api/conflicts?office=${id}`);
        expect(body.items.find((one) => one.entityId === counted.id)).toMatchObject({
          status: 'settled',
          fields: ['qty'],
        });
        expect(body.items.find((one) => one.entityId === priced.id)).toMatchObject({
          status: 'open',
          fields: ['cost'],
        });
      });
      await agree(head, branch, id);
      expect((await branch.get<Sale>(`/api/sales/${counted.id}`)).body).toMatchObject({
        qty: 66,
        conflicted: false,
      });
      expect((await branch.get<Sale>(`/api/sales/${priced.id}`)).body).toMatchObject({
        cost: '11.00',
        conflicted: true,
      });
    },
  );

  it('survives kill -9 of a branch and of the head in the middle of a load', async () => {
    const answered: Sale[] = [];
    const load = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        answered.push(
          ...(await Promise.all(Array.from({ length: 20 }, (_, i) => record(east, paper(i + 1))))),
        );
      }
    };
    await load(5);
    await head.kill();
    await load(5);
    await east.kill();
    await Promise.all([head.start(), east.start()]);
    await load(2);
    await agree(head, east, 'east', 60_000);
    for (const sale of answered) expect((await head.get<Sale>(`/api/sales/${sale.id}`)).status).toBe(200);
  }, 120_000);

  it('drains both ways with sync --once and leaves', async () => {
    await west.stop();
    const { body } = await head.get<{ items: Sale[] }>('/api/sales?office=west&limit=1');
    await voidSale(head, body.items[0]!.id);
    const once = await branchline(['sync', '--once', '--json'], west.settings);
    expect(once).toMatchObject({ code: 0 });
    await west.start();
    expect((await west.get<Sale>(`/api/sales/${body.items[0]!.id}`)).body.deletedAt).not.toBeNull();
  }, 60_000);

  it('refuses an office that was not added, and says so', async () => {
    const stranger = await start({
      OFFICE_ID: 'north',
      OFFICE_ROLE: 'branch',
      LINK_URL: linkUrl,
      DATABASE_URL: await place(testSqlite()),
    });
    await eventually(async () => {
      expect((await syncState(stranger)).problem).toMatchObject({ type: 'unknown-office' });
    });
    await record(stranger, paper(1)); // and sells on
  }, 60_000);
});
