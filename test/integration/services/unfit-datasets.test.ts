// An office that cannot take up what the head changes of its datasets says so to whoever asks.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { type TestOffice, TestOffices } from './served.ts';

const READ = 'somebody reads the table';

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;

beforeAll(async () => {
  head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  west = await offices.open('west', 'branch');
  await west.ask('POST', '/api/sync');
});
afterAll(() => offices.closeAll());

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
    release();
    await eventually(async () => {
      const { body } = await west.ask('GET', '/api/datasets/products');
      expect(body).toMatchObject({ version: 2, unfit: [] });
    }, 30_000);
  });
});
