import { START_OF_CHAIN } from '../../domain/chain.ts';
import { OfficeLog } from '../unit/sync-log.ts';
import { amend, record } from './ledger-commands.ts';
import { pointOf, westOf } from './ledger-branch-office.ts';
import { allEvents, expectChained, expectFoldedFromNothing } from './ledger-checks.ts';
import { failureOf, type LedgerWorld, type Office, type OfficeOptions } from './ledger-world.ts';

/** Two live copies of one office: what each does with its log. */
export function copiesContract(world: LedgerWorld): void {
  const west = (options?: OfficeOptions) => westOf(world, options);

  describe('the tail of a fenced copy', () => {
    /** The live copy went on from the second sale on; so did the other one. */
    async function live(
      common = 2,
    ): Promise<{ office: Office; copy: OfficeLog; adopt: (epoch: number) => Promise<unknown> }> {
      const office = await west();
      await office.ledger.submitAll([record('s0'), record('s1'), amend('s0', { cost: '13' })]);
      const own = await allEvents(office.ledger);
      const shared = common === 0 ? START_OF_CHAIN : pointOf(own[common - 1]!);
      const copy = new OfficeLog('west', shared);
      const adopt = (epoch: number) =>
        office.ledger.branch.adopt({
          kind: 'adopt',
          nonce: 'n',
          from: 'i2/n2',
          epoch,
          common: shared,
          events: copy.bytes,
        });
      return { office, copy, adopt };
    }

    it('is written again by the live copy', async () => {
      const { office, copy, adopt } = await live();
      copy.amends('s0', { cost: '14' }, { 'west@1': 1 });
      copy.records('c');
      await adopt(2);
      const rows = await expectChained(office.ledger);
      expect(rows.map(({ event }) => [event.epoch, event.entityId])).toEqual([
        [1, 's0'],
        [1, 's1'],
        [1, 's0'],
        [2, 's0'],
        [2, 'c'],
      ]);
      expect(await office.ledger.read.cases({ status: 'open', limit: 10 })).toMatchObject([
        { entityId: 's0', fields: ['cost'] },
      ]);
      expect(office.told.at(-1)).toMatchObject({ last: { seq: 5, epoch: 2 } });
      await expectFoldedFromNothing(office.ledger);
    });

    it('that comes twice is written once', async () => {
      const { office, copy, adopt } = await live();
      copy.amends('s0', { cost: '14' }, { 'west@1': 1 });
      copy.records('c');
      await adopt(2);
      await adopt(3);
      expect((await expectChained(office.ledger)).length).toBe(5);
      copy.records('d'); // one more has been sold before the copy stood still
      await adopt(4);
      expect((await expectChained(office.ledger)).map(({ event }) => event.epoch)).toEqual([
        1, 1, 1, 2, 2, 4,
      ]);
      await expectFoldedFromNothing(office.ledger);
    });

    it('that the live copy has as well is not written again', async () => {
      const { office, copy, adopt } = await live();
      (await allEvents(office.ledger)).slice(2).forEach(({ event }) => copy.writes(event));
      await adopt(2);
      expect((await expectChained(office.ledger)).length).toBe(3);
      copy.records('c');
      await adopt(3);
      expect((await expectChained(office.ledger)).map(({ event }) => event.entityId)).toEqual([
        's0',
        's1',
        's0',
        'c',
      ]);
    });

    it('that uses an id for something else keeps both', async () => {
      const { office, copy, adopt } = await live();
      const [own] = (await allEvents(office.ledger)).slice(2);
      copy.writes({ ...own!.event, data: { cost: '99' } });
      await adopt(2);
      await adopt(3);
      const rows = await expectChained(office.ledger);
      expect(rows.map(({ event }) => event.data['cost'])).toEqual(['12.95', '12.95', '13', '99']);
      expect(new Set(rows.map(({ event }) => event.id)).size).toBe(4);
      await expectFoldedFromNothing(office.ledger);
    });

    it('may share nothing with the live copy', async () => {
      const { office, copy, adopt } = await live(0);
      copy.records('c');
      await adopt(2);
      expect((await expectChained(office.ledger)).map(({ event }) => event.entityId)).toEqual([
        's0',
        's1',
        's0',
        'c',
      ]);
      await expectFoldedFromNothing(office.ledger);
    });

    it('that does not follow from this log is not taken', async () => {
      const { office, copy } = await live();
      copy.records('c');
      const common = { epoch: 1, seq: 2, hash: new Uint8Array(32).fill(1) };
      const adopted = office.ledger.branch.adopt({
        kind: 'adopt',
        nonce: 'n',
        from: 'i2/n2',
        epoch: 2,
        common,
        events: copy.bytes,
      });
      expect(await failureOf(adopted)).toMatchObject({ type: 'log-moved' });
      expect((await expectChained(office.ledger)).length).toBe(3);
    });
  });

  describe('a fenced copy', () => {
    it('sells no more, and hands over what was not acknowledged, as often as it is asked', async () => {
      const office = await west();
      await office.ledger.submitAll([record('s0'), record('s1'), record('s2')]);
      const rows = await allEvents(office.ledger);
      await office.ledger.branch.saveAcked(pointOf(rows[0]!), 0);
      const handedOver = { common: pointOf(rows[0]!), events: rows.slice(1).map(({ bytes }) => bytes) };
      const { session } = await office.store.read.logRow();
      await expect(office.ledger.branch.fence(session + 1)).rejects.toMatchObject({ type: 'second-process' });
      expect((await office.store.read.logRow()).hold).toBe('none');
      expect(await office.ledger.branch.fence(session)).toEqual(handedOver);
      expect(await failureOf(office.ledger.submit(record('s3')))).toMatchObject({ type: 'office-fenced' });
      expect(await office.ledger.branch.fence(session)).toEqual(handedOver);
      expect(await office.ledger.read.logRow()).toMatchObject({ hold: 'fenced', tail: { seq: 3 } });
    });

    it('that is claimed sells only when it is let in, and is fenced again when it is not', async () => {
      const office = await west();
      const { branch } = office.ledger;
      const hold = async () => (await office.store.read.logRow()).hold;
      expect(await failureOf(branch.claim())).toMatchObject({ type: 'not-fenced' });
      const { session } = await office.store.read.logRow();
      await branch.fence(session);
      await branch.claim();
      expect(await hold()).toBe('claiming');
      expect(await failureOf(office.ledger.submit(record('s1')))).toMatchObject({ type: 'office-fenced' });
      await branch.fence(session + 1); // it may have got one by claiming
      expect(await hold()).toBe('fenced');
      await branch.claim();
      expect(await branch.unfence()).toBe(true);
      expect(await branch.unfence()).toBe(false);
      await office.ledger.submit(record('s1'));
    });
  });
}
