import { type Database, DATABASES } from '../../../bench/database.ts';
import { Fixtures } from '../../../bench/fixtures.ts';
import { type BenchServers, benchServers } from '../../../bench/servers.ts';
import { openSqlFold } from '../../../bench/sql-fold.ts';
import { sales } from '../../../domain/datasets/sales.ts';
import { readConfig } from '../../../mixins/config.ts';
import type { Office } from '../../../mixins/office.ts';
import { createOffice } from '../../../mixins/running-office.ts';
import { testDatabase, type TestPlace } from '../../harness/servers.ts';

const TOTAL = 1_600;
const ALL = { events: TOTAL, total: TOTAL };
const WITH = { deleted: 'with' } as const;

const places: TestPlace[] = [];
const own = benchServers();
/** On the servers of this test run; only files are copied. */
const servers: BenchServers = {
  ...own,
  database: async (kind) => {
    places.push(await testDatabase(kind));
    return places.at(-1)!.url;
  },
};
const fixtures = new Fixtures(servers);

afterAll(async () => {
  await Promise.all(places.map((place) => place.drop()));
  await own.remove();
});

async function look(kind: Database, events: number): Promise<object> {
  const DATABASE_URL = await fixtures.shared(kind, { events, total: TOTAL });
  const office = createOffice(readConfig({ OFFICE_ID: 'west', DATABASE_URL }), {
    journal: { info: () => {}, warn: () => {}, error: console.error },
    link: null,
    prepare: 'nothing',
  });
  await office.start();
  try {
    return await contentsOf(office);
  } finally {
    await office.stop();
  }
}

async function contentsOf(office: Office): Promise<object> {
  const { read } = office.store;
  const projections = await office.projections().list();
  return {
    log: await read.logRow(),
    digests: await read.digests('sales', 'west'),
    count: await read.countRows(sales, WITH),
    voided: await read.countRows(sales, { deleted: 'only' }),
    total: await read.sumRows(sales, 'total', WITH),
    last: (await read.eventAt(TOTAL))?.event,
    projections: projections.map(({ name, state, behind }) => ({ name, state, behind })),
    days: await office.projections().lines('sales_by_day', null, 1_000),
    activity: await office.projections().lines('office_activity', null, 1_000),
  };
}

describe('a long log', () => {
  it.each(DATABASES)('is the same on %s as it was sold into SQLite', async (kind) => {
    const [copied, sold] = [await look(kind, TOTAL), await look('sqlite', TOTAL)];
    expect(copied).toEqual(sold);
    expect(copied).toMatchObject({
      log: { tail: { seq: TOTAL }, acked: { seq: 0 }, paused: true },
      count: 0.7 * TOTAL,
      voided: 0.05 * TOTAL,
      projections: expect.arrayContaining([{ name: 'sales_by_day', state: 'live', behind: 0 }]),
      days: expect.arrayContaining([expect.anything()]),
    });
  });

  it('goes on where its first fifth ended', async () => {
    const begun = new Fixtures(servers);
    await begun.shared('sqlite', { events: TOTAL / 5, total: TOTAL });
    const url = await begun.shared('sqlite', ALL);
    expect(url).not.toBe(await begun.shared('sqlite', { events: TOTAL / 5, total: TOTAL }));
    expect(await look('sqlite', TOTAL / 5)).toMatchObject({ count: TOTAL / 5, last: undefined });
  });

  it('gives the table of the program when one SQL statement folds it', async () => {
    const fold = await openSqlFold(await fixtures.shared('postgresql', ALL));
    expect(await fold.run()).toMatchObject({ sales: 0.7 * TOTAL });
    expect(await fold.differences()).toBe(0);
    await fold.close();
  });
});
