import { CATALOGUE_KEY } from '../../domain/datasets/definitions.ts';
import type { SchemaChangeInput } from '../../domain/datasets/schema-change.ts';
import type { PolicyChange } from '../../domain/conflict/change-policies.ts';
import type { CommandSubmission } from '../../mixins/ledger/ledger.ts';
import type { Store } from '../../mixins/store/store.ts';
import { SALE } from '../unit/story.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { headsOf } from './ledger-head-world.ts';
import { changed, type LedgerWorld, type Office } from './ledger-world.ts';

const flag = (field: string): SchemaChangeInput => ({ kind: 'add-field', field, type: { kind: 'boolean' } });

/** The head changes sales. */
const evolve = (...changes: SchemaChangeInput[]): CommandSubmission => ({
  command: { type: 'evolve-dataset', ...CATALOGUE_KEY, evolves: 'sales', changes },
  actor: 'admin',
});

/** The head settles disputes over sales otherwise. */
const policies = (change: PolicyChange): CommandSubmission => ({
  command: { type: 'change-policies', ...CATALOGUE_KEY, changes: 'sales', policies: change },
  actor: 'admin',
});

/** The table of sales has no room for this version, nor for later ones, while somebody reads it. */
class BusyTable {
  from = Infinity;

  readonly wrap = (store: Store): Store =>
    changed(store, {
      prepareTables: async (datasets) => {
        const isBusy = ({ name, version }: { name: string; version: number }) =>
          name === 'sales' && version >= this.from;
        const notYet = await store.prepareTables(datasets.filter((dataset) => !isBusy(dataset)));
        const busy = datasets.filter(isBusy).map(({ name }) => ({ dataset: name, reason: 'it is busy' }));
        return [...notYet, ...busy];
      },
    });
}

/** A transaction in which tables of another shape are taken into use fails, once. */
function failingOnce() {
  let isTakenUp = false;
  let failures = 0;
  const wrap = (store: Store): Store =>
    changed(store, {
      useTables: (datasets) => {
        store.useTables(datasets);
        isTakenUp = datasets.some(({ version }) => version > 1);
      },
      transaction: (work) =>
        store.transaction(async (tx) => {
          const result = await work(tx);
          if (!isTakenUp || failures > 0) return result;
          failures += 1;
          throw new Error('the database is away');
        }),
    });
  return { wrap, failures: () => failures };
}

/** A sale of west's, written in the version that has this field. */
const giftOf = (west: OfficeLog, entityId: string) =>
  west.records(entityId, { version: 2, data: { ...SALE, gift: true } });

const waitingAt = async ({ ledger }: Office) =>
  (await ledger.read.waiting(0, 10)).map(({ entityId, reason }) => [entityId, reason]);

const salesOf = ({ ledger }: Office) => ledger.datasets.named('sales')!;

/** Which datasets an office works with, as its log and its tables have them. */
export function datasetsContract(world: LedgerWorld): void {
  describe('a dataset whose table is not ready for its newest version', () => {
    const busy = new BusyTable();
    const head = () => world.office({ office: 'head', wrap: busy.wrap });
    beforeEach(() => (busy.from = Infinity));

    it('stays at the last version for which it was, over a restart too, until it is', async () => {
      let office = await head();
      await office.ledger.submit(evolve(flag('gift')));
      busy.from = 3;
      await office.ledger.submit(evolve(flag('paid')));
      expect(salesOf(office)).toMatchObject({ version: 2, fields: { gift: {} } });
      await office.close();
      office = await head();
      await office.ledger.datasets.learn();
      expect(salesOf(office)).toMatchObject({ version: 2, fields: { gift: {} } });
      expect(office.ledger.datasets.unfit).toEqual([{ dataset: 'sales', version: 3, reason: 'it is busy' }]);
      busy.from = Infinity;
      await office.ledger.datasets.learn();
      expect(salesOf(office)).toMatchObject({ version: 3, fields: { gift: {}, paid: {} } });
      expect(office.ledger.datasets.unfit).toEqual([]);
    });

    it('is under the policies that came meanwhile, each made of the one before', async () => {
      const office = await head();
      busy.from = 2;
      await office.ledger.submit(evolve(flag('gift')));
      await office.ledger.submit(policies({ fields: { cost: 'min' } }));
      expect(salesOf(office)).toMatchObject({
        version: 1,
        policies: { version: 2, fields: { cost: 'min' } },
      });
      await office.ledger.submit(policies({ fields: { tax: 'max' } }));
      const both = { version: 3, fields: { cost: 'min', tax: 'max' } };
      expect(salesOf(office)).toMatchObject({ version: 1, policies: both });
      busy.from = Infinity;
      await office.ledger.datasets.learn();
      expect(salesOf(office)).toMatchObject({ version: 2, policies: both });
    });
  });

  describe('of two nodes of a head', () => {
    const headWith = headsOf(world);

    it('one that writes nothing learns what the other has changed', async () => {
      const [one, other] = [await headWith(), await world.office({ office: 'head' })];
      await one.ledger.submit(evolve(flag('gift')));
      expect(salesOf(other)).toMatchObject({ version: 1 });
      await other.ledger.keepUp();
      expect(salesOf(other)).toMatchObject({ version: 2 });
    });

    it('one takes in what the other one has left waiting, whose table was not ready', async () => {
      const busy = new BusyTable();
      const [one, behind] = [await headWith(), await world.office({ office: 'head', wrap: busy.wrap })];
      busy.from = 2;
      await one.ledger.submit(evolve(flag('gift')));
      const west = new OfficeLog('west');
      giftOf(west, 'a');
      await one.ledger.keepUp(); // nothing waits yet
      await behind.ledger.head.applyBatch(west.after(0));
      expect(await waitingAt(one)).toEqual([['a', 'version-unknown']]);
      await behind.close();
      await one.ledger.keepUp();
      expect(await waitingAt(one)).toEqual([]);
      expect((await one.ledger.read.rowsById(salesOf(one), 'a'))[0]?.values).toMatchObject({ gift: true });
      expect((await one.ledger.read.logRow()).waiting).toBe(0);
    });

    it('none looks again and again at what it cannot take in', async () => {
      const office = await headWith();
      const west = new OfficeLog('west');
      west.records('a', { dataset: 'letters', type: 'LetterRecorded', data: {} });
      await office.ledger.head.applyBatch(west.after(0));
      let looks = 0;
      const { read } = office.store;
      const waiting = read.waiting.bind(read);
      read.waiting = (...given) => {
        looks += 1;
        return waiting(...given);
      };
      for (let tick = 0; tick < 3; tick++) await office.ledger.keepUp();
      expect(looks).toBe(1);
    });
  });

  describe('two changes of policies in one transaction', () => {
    it('both stand', async () => {
      const office = await world.office({ office: 'head' });
      await office.ledger.submitAll([policies({ fields: { cost: 'min' } }), policies({ void: 'latest' })]);
      expect(office.told).toHaveLength(1);
      expect(salesOf(office).policies).toMatchObject({
        version: 3,
        fields: { cost: 'min', tax: 'manual' },
        void: 'latest',
      });
    });
  });

  describe('whoever follows the datasets of an office', () => {
    it('is told when one has changed, and only then', async () => {
      const busy = new BusyTable();
      const office = await world.office({ office: 'head', wrap: busy.wrap });
      let told = 0;
      office.ledger.datasets.onChanged(() => (told += 1));
      await office.ledger.datasets.learn();
      expect(told).toBe(0);
      await office.ledger.submit(evolve(flag('gift')));
      expect(told).toBe(1);
      await office.ledger.datasets.learn();
      busy.from = 3;
      await office.ledger.submit(evolve(flag('paid')));
      await office.ledger.datasets.learn();
      expect(told).toBe(1);
      busy.from = Infinity;
      await office.ledger.datasets.learn();
      expect(told).toBe(2);
      await office.ledger.submit(policies({ void: 'latest' }));
      expect(told).toBe(3);
    });

    it('is told also of one that was taken up in a transaction that failed', async () => {
      const failing = failingOnce();
      const office = await world.office({ office: 'head', wrap: failing.wrap });
      let told = 0;
      office.ledger.datasets.onChanged(() => (told += 1));
      await office.ledger.submit(evolve(flag('gift')));
      expect([failing.failures(), told]).toEqual([1, 0]);
      await office.ledger.keepUp();
      expect(salesOf(office)).toMatchObject({ version: 2 });
      expect(told).toBe(1);
    });
  });
}
