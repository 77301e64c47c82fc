// Events that an office keeps and does not apply: people are told, and can look at them.
import { afterAll, describe, expect, it } from '@jest/globals';
import { ZERO_HASH } from '../../../domain/chain.ts';
import type { LoggedEvent } from '../../../domain/event.ts';
import { MAX_DRIFT_MS, hybridTime } from '../../../domain/hlc.ts';
import { readConfig } from '../../../mixins/config.ts';
import { checkDatabase } from '../../../mixins/doctor/check-database.ts';
import type { OfficeLedger } from '../../../mixins/ledger/create-ledger.ts';
import type { Office } from '../../../mixins/office.ts';
import { createOffice } from '../../../mixins/running-office.ts';
import { testSqlite } from '../../harness/servers.ts';
import { newId, OfficeLog } from '../../unit/sync-log.ts';
import { TestOffices } from './served.ts';

const offices = new TestOffices();
afterAll(() => offices.closeAll());

/** The office is sent these events from the start of its feed. */
async function feed(office: Office, ...events: LoggedEvent[]): Promise<void> {
  const start = { feedEpoch: 1, position: 0, hash: ZERO_HASH };
  const sent = events.map(({ bytes, hash }, index) => ({ position: index + 1, bytes, hash }));
  const { branch } = office.ledger() as OfficeLedger;
  await branch.locate('head', 1, 0);
  await branch.applyFeed(start, { ...start, position: events.length }, sent);
}

const early = (head: OfficeLog) => head.amends('a', { qty: 1 }, { 'west@1': 1 }, 'west');

describe('events that wait', () => {
  it('are counted, listed with their reasons, and found by the doctor', async () => {
    const west = await offices.open('west', 'branch');
    expect((await west.ask('GET', '/api/sync')).body).toMatchObject({ waiting: 0 });
    expect(await checkDatabase(west.office.config)).not.toContainEqual(
      expect.objectContaining({ check: 'waiting', state: 'warning' }),
    );
    const [head, east] = [new OfficeLog('head'), new OfficeLog('east')];
    await feed(
      west.office,
      early(head),
      head.records('b', { scope: 'west' }),
      east.records('c', { scope: 'west' }),
    );
    expect((await west.ask('GET', '/api/sync')).body).toMatchObject({ waiting: 2 });
    expect((await west.ask('GET', '/health/ready')).body).toMatchObject({
      ready: true,
      sync: { waiting: 2 },
    });
    const { body } = await west.ask('GET', '/api/events/waiting');
    expect(body).toMatchObject({
      items: [
        { position: 1, office: 'head', entityId: 'a', status: 'parked', reason: 'cause-missing' },
        { position: 3, office: 'east', entityId: 'c', status: 'quarantined', reason: 'not-allowed' },
      ],
      next: null,
    });
    const [first] = (await west.ask('GET', '/api/events/waiting?limit=1')).body.items;
    expect((await west.ask('GET', '/api/events/waiting?limit=1')).body.next).toBe(first.position);
    expect((await west.ask('GET', '/api/events/waiting?after=1')).body.items).toHaveLength(1);
    expect(await checkDatabase(west.office.config)).toContainEqual(
      expect.objectContaining({
        check: 'waiting',
        state: 'warning',
        detail: expect.stringContaining('2 events') as unknown,
      }),
    );
  });

  it.each(['/api/events/waiting', '/api/quarantine'])(
    'are listed by %s a few at a time when they are large: a page of them has to fit into memory',
    async (path) => {
      const west = await offices.open('west', 'branch');
      const east = new OfficeLog('east');
      const large = () => east.records(newId(), { scope: 'west', data: { product: 'x'.repeat(1_900_000) } });
      await feed(west.office, ...Array.from({ length: 5 }, large));
      const positions: number[] = [];
      const pages: number[] = [];
      let next: number | null = 0;
      while (next !== null) {
        const { body } = await west.ask('GET', `${path}?limit=1000&after=${next}`);
        pages.push(body.items.length);
        positions.push(...body.items.map(({ position }: { position: number }) => position));
        next = body.next;
      }
      expect(pages).toEqual([3, 2]);
      expect(positions).toEqual([1, 2, 3, 4, 5]);
    },
  );

  it('reach the journal when nobody will ever apply them, and so does a clock that is ahead', async () => {
    const place = await testSqlite();
    const told: string[] = [];
    const note = (...words: unknown[]) => void told.push(words.join(' '));
    const config = readConfig({
      OFFICE_ID: 'west',
      OFFICE_ROLE: 'branch',
      DATABASE_URL: place.url,
      PORT: '0',
    });
    const office = createOffice(config, { link: null, journal: { info: note, warn: note, error: note } });
    try {
      await office.start();
      const [head, east] = [new OfficeLog('head'), new OfficeLog('east')];
      const at = hybridTime(Date.now() + MAX_DRIFT_MS + 60_000, 0);
      await feed(
        office,
        early(head),
        east.records('c', { scope: 'west' }),
        head.records('b', { scope: 'west', at }),
      );
      expect(told).toEqual([
        expect.stringMatching(/^event-quarantined: east@1:1 .*c.*not-allowed/),
        expect.stringMatching(/^clock-ahead: .*head.* 3\d\d s ahead/),
      ]);
    } finally {
      await office.stop();
      await place.drop();
    }
  });
});
