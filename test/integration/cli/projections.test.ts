// Rebuilding in a real office, which is killed in the middle of it and goes on, while it sells.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_IN } from '../../../domain/datasets/registry.ts';
import { createLedger } from '../../../mixins/ledger/create-ledger.ts';
import type { ProjectionView } from '../../../mixins/projections/projections.ts';
import { createStore } from '../../../mixins/store/create-store.ts';
import { testPorts } from '../../contract/ledger-world.ts';
import { openRaw } from '../../contract/store-raw.ts';
import { branchline, OfficeProcess, type Settings } from '../../e2e/office-process.ts';
import { makeFolder, removeFolder } from '../../harness/folder.ts';
import { databasesUnderTest, testDatabase, type TestPlace } from '../../harness/servers.ts';
import { eventually } from '../../harness/wait.ts';

jest.setTimeout(300_000);
const DEADLINE_MS = 120_000;
const SALES = 8_000;
const SALE = { soldOn: '2026-04-01', product: 'Paper', region: 'West', qty: 2, cost: '1.25', tax: '0.1' };
const kinds = databasesUnderTest().filter((kind) => kind === 'sqlite' || kind === 'postgresql');

/** So many sales were made before the office starts. */
async function sell(url: string): Promise<void> {
  const store = createStore({ url, office: 'west', role: 'branch', datasets: BUILT_IN.all });
  await store.open();
  const ledger = createLedger({ store, office: 'west', role: 'branch', ports: testPorts(), program: 'test' });
  for (let at = 0; at < SALES; at += 1_000) {
    const commands = Array.from({ length: 1_000 }, (_, n) => {
      const key = { dataset: 'sales', scope: 'west', entityId: `s${at + n}` };
      return { command: { type: 'record' as const, ...key, fields: SALE }, actor: 'till' };
    });
    await ledger.submitAll(commands);
  }
  await ledger.close();
}

describe.each(kinds)('the projections of an office on %s', (kind) => {
  let place: TestPlace;
  let settings: Settings;
  let office: OfficeProcess;
  let folder: string;

  beforeEach(async () => {
    place = await testDatabase(kind);
    folder = await makeFolder('projections');
    await sell(place.url);
    office = await OfficeProcess.start({ OFFICE_ID: 'west', DATABASE_URL: place.url });
    settings = office.settings;
  });
  afterEach(async () => {
    await office.stop();
    await place.drop();
    await removeFolder(folder);
  });

  const view = async (name: string) => (await office.get<ProjectionView>(`/api/projections/${name}`)).body;
  const live = (name: string) =>
    eventually(async () => {
      const found = await view(name);
      expect(found).toMatchObject({ state: 'live', behind: 0 });
      expect(found.job?.phase ?? 'done').toBe('done');
    }, DEADLINE_MS);
  const filling = (name: string) =>
    eventually(async () => {
      const { job } = await view(name);
      expect(job).toMatchObject({ phase: 'filling', endedAt: null });
      expect(job!.events).toBeGreaterThan(0);
      return job!;
    }, DEADLINE_MS);
  const daysOf = async () =>
    (await office.get<{ items: object[] }>('/api/projections/sales_by_day/rows')).body.items;
  const command = (...args: string[]) => branchline(['projections', ...args, '--json'], settings);

  it('are rebuilt over a kill, while it sells', async () => {
    for (const name of ['sales_by_day', 'sales']) await live(name);
    for (const name of ['sales_by_day', 'sales']) {
      const before = await daysOf();
      await office.send('POST', `/api/projections/${name}/rebuild`, { maxLoad: 0.02 });
      const { startedAt, events } = await filling(name);
      await office.kill();
      await office.start();
      expect(await daysOf()).toEqual(before);
      const { job } = await view(name);
      expect(job!.startedAt).toBe(startedAt);
      expect(job!.events).toBeGreaterThanOrEqual(events); // what was filled in stays
      const sold = await office.send('POST', '/api/sales', SALE);
      expect(sold.status).toBe(201);
      await live(name);
      expect((await command('verify', name)).code).toBe(0);
    }
    const count = SALES + 2;
    const sums = {
      qty: 2 * count,
      amount: (2.5 * count).toFixed(2),
      tax: (count / 10).toFixed(2),
      total: (2.6 * count).toFixed(2),
    };
    expect(await daysOf()).toEqual([{ office: 'west', soldOn: '2026-04-01', count, ...sums }]);
  });

  it('are listed, held against the log, looked back at and cancelled by commands', async () => {
    await live('sales_by_day');
    const listed = JSON.parse((await command('list')).stdout) as ProjectionView[];
    expect(listed.map(({ name }) => name)).toContain('office_activity');
    const file = join(folder, 'first.csv');
    expect((await command('rebuild', 'sales_by_day', '--as-of', '10', '--csv', file)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(
      'office,soldOn,count,qty,amount,tax,total\nwest,2026-04-01,10,20,25.00,1.00,26.00\n',
    );
    const early = await command('rebuild', 'sales_by_day', '--as-of', '2020-01-31', '--csv', file);
    expect(JSON.parse(early.stdout)).toMatchObject({ rows: 0 });
    expect(await readFile(file, 'utf8')).toBe('office,soldOn,count,qty,amount,tax,total\n');
    await command('rebuild', 'sales', '--as-of', '0', '--csv', file);
    expect(await readFile(file, 'utf8')).toBe(
      'office,id,soldOn,product,region,qty,cost,tax,amount,total,createdAt,updatedAt,deletedAt,conflicted\n',
    );
    const never = await command('rebuild', 'sales_by_day', '--as-of', '2020-02-30', '--csv', file);
    expect(never).toMatchObject({ code: 64 });
    await office.send('POST', '/api/projections/sales/rebuild', { maxLoad: 0.01 });
    await filling('sales');
    expect((await command('rebuild', 'sales')).code).toBe(75);
    expect((await office.send('POST', '/api/projections/sales/cancel')).status).toBe(200);
    expect((await command('cancel', 'sales')).code).toBe(0);
    await eventually(
      async () => expect((await view('sales')).job).toMatchObject({ phase: 'cancelled' }),
      DEADLINE_MS,
    );
    const raw = await openRaw(kind, place.url);
    await raw.run(`update sales set region = 'East' where entity_id = 's7'`);
    await raw.close();
    const { code, stdout } = await command('verify', 'sales');
    expect(code).toBe(65);
    expect(JSON.parse(stdout)).toMatchObject({
      job: {
        difference: {
          key: { id: 's7' },
          table: { values: { region: 'East' } },
          expected: { values: { region: 'West' } },
        },
      },
    });
    expect((await command('rebuild', 'sales')).code).toBe(0);
    expect((await command('verify', 'sales')).code).toBe(0);
    expect((await command('drop', 'sales_by_office')).code).toBe(64); // nobody was asked
    expect((await command('drop', 'sales_by_office', '--yes')).code).toBe(0);
    expect((await command('rebuild', 'nothing')).code).toBe(1);
  });
});
