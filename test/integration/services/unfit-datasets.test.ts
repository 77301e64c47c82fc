// An office that cannot take up what the head changes of its datasets says so to whoever asks.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { CommandFolder } from '../cli/command-folder.ts';
import { type TestOffice, TestOffices } from './served.ts';

const READ = 'somebody reads the table';

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;
let folder: CommandFolder;

beforeAll(async () => {
  folder = await CommandFolder.make();
  head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  west = await offices.open('west', 'branch');
  await west.ask('POST', '/api/sync');
});
afterAll(async () => {
  await offices.closeAll();
  await folder.remove();
});

/** West’s table of a dataset is not made ready for a version above that one, until it is called. */
function keepBusy(busy: string, above: number): () => void {
  const { store } = west.office;
  const prepare = store.prepareTables.bind(store);
  const spy = jest.spyOn(store, 'prepareTables').mockImplementation(async (datasets) => {
    const isBusy = ({ name, version }: { name: string; version: number }) => name === busy && version > above;
    const notYet = await prepare(datasets.filter((dataset) => !isBusy(dataset)));
    return [...notYet, ...datasets.filter(isBusy).map(({ name }) => ({ dataset: name, reason: READ }))];
  });
  return () => spy.mockRestore();
}

const apply = (dataset: string, ...changes: object[]) =>
  head.ask('POST', '/api/datasets/apply', { dataset, changes });
const flag = (field: string) => ({ kind: 'add-field', field, type: { kind: 'boolean' } });

/** What a command says of a running office. */
const command = async ({ url }: TestOffice, ...args: string[]) =>
  (await folder.run({}, ...args, '--url', url!)).out;

/** As the head has heard it. */
const behind = async () => (await head.ask('GET', '/api/offices/west')).body;

describe('a change that is not carried out at an office', () => {
  it('is among its datasets, with the reason, until it is', async () => {
    const release = keepBusy('products', 1);
    await apply('products', flag('gift'));
    await west.ask('POST', '/api/sync');
    await eventually(async () => {
      expect((await west.ask('GET', '/api/datasets')).body.items).toContainEqual(
        expect.objectContaining({ name: 'products', version: 1, unfit: [{ version: 2, reason: READ }] }),
      );
    });
    expect(await behind()).toMatchObject({ behind: ['products'], datasets: { products: 1, sales: 1 } });
    release();
    await eventually(async () => {
      const { body } = await west.ask('GET', '/api/datasets/products');
      expect(body).toMatchObject({ version: 2, unfit: [] });
    }, 30_000);
  });

  it('is no longer held against it at the head, though it stayed connected', async () => {
    await eventually(async () =>
      expect(await behind()).toMatchObject({ behind: [], datasets: { products: 2 }, connected: true }),
    );
  });

  it('is said of how it stands, also when it is a dataset that it has not got', async () => {
    const release = keepBusy('visits', 0);
    const fields = { guests: { kind: 'integer' } };
    const declaration = { name: 'visits', noun: 'Visit', fields };
    await apply('visits', { kind: 'add-dataset', declaration });
    await west.ask('POST', '/api/sync');
    const unfit = [{ dataset: 'visits', version: 1, reason: READ }];
    await eventually(async () => {
      expect((await west.ask('GET', '/api/sync')).body).toMatchObject({ unfit });
    });
    expect(await west.ask('GET', '/health/ready')).toMatchObject({ status: 200, body: { sync: { unfit } } });
    expect(await behind()).toMatchObject({ behind: ['visits'] });
    const said = `visits version 1 is not carried out here: ${READ}`;
    expect((await west.ask('GET', '/page')).body).toContain(said);
    expect(await command(west, 'sync')).toContain(said);
    expect(await command(west, 'datasets', 'list')).toContain(said);
    const programs = await command(west, 'datasets', 'list', '--json');
    expect(JSON.parse(programs)).toContainEqual({
      ...{ name: 'visits', version: null, fields: [], retired: [] },
      unfit: [{ version: 1, reason: READ }],
    });
    expect(await command(head, 'offices', 'list')).toMatch(/BEHIND IN\nwest .* visits \(not there\)/);
    release();
    await eventually(async () => {
      expect((await west.ask('GET', '/api/sync')).body).toMatchObject({ unfit: [] });
      expect(await behind()).toMatchObject({ behind: [], datasets: { visits: 1 } });
    }, 30_000);
    expect((await west.ask('GET', '/page')).body).not.toContain('dataset-unfit');
  }, 90_000);
});
