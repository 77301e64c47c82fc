// The answer to a sale is lost because the office dies; the client asks again and gets the same sale, once.
import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Moment } from '../../mixins/moments.ts';
import type { EventView } from '../../services/event-view.ts';
import type { OfficeProcess, Settings } from '../e2e/office-process.ts';
import { agree, all, paper, type Sale } from '../e2e/sales.ts';
import { HEAD } from './company.ts';
import { companies, forRun } from './pairs.ts';
import { TrappedCompany } from './trapped.ts';

/** Before the commit nothing is there to be found again, after it everything is. */
const MOMENTS = forRun<readonly Moment[]>(['append-written', 'append-committed'], ['append-committed']);
const WAYS = ['an Idempotency-Key', 'an id of its own'] as const;

let world: TrappedCompany;

afterEach(() => world.close(), 120_000);

describe.each(companies({ head: 'mariadb', branches: { west: 'sqlite' } }))(
  'at a head on $head and its branches',
  (databases) => {
    it('a client that asks again gets the one sale that it made', async () => {
      world = await TrappedCompany.open(databases);
      const offices = [HEAD, ...world.branches];
      await Promise.all(offices.map((id) => loseReplies(id)));
      for (const id of world.branches) await agree(world.head, world.office(id), id, 90_000);
    }, 600_000);
  },
);

async function loseReplies(id: string): Promise<void> {
  const office = world.office(id);
  for (const moment of MOMENTS) {
    for (const way of WAYS) {
      const sale = { ...paper(7), product: `${moment} ${way}` };
      const isKeyed = way === 'an Idempotency-Key';
      const body = isKeyed ? sale : { ...sale, id: randomUUID() };
      const headers: Settings = isKeyed ? { 'idempotency-key': randomUUID() } : {};
      const sell = () => office.send<Sale>('POST', '/api/sales', body, headers);
      await loseReply(id, moment, sell);
      const [second, third] = [await sell(), await sell()];
      expect([second.status, third.status]).toEqual([201, 201]);
      const isFound = moment === 'append-committed';
      expect(second.headers.get('idempotency-replayed')).toBe(isFound ? 'true' : null);
      expect(third.headers.get('idempotency-replayed')).toBe('true');
      expect(third.body).toEqual(second.body);
      expect(second.body).toMatchObject(body);
      await expectOnce(office, second.body);
    }
  }
}

async function loseReply(id: string, moment: Moment, sell: () => Promise<unknown>): Promise<void> {
  world.setTrap(id, moment);
  const lost = expect(sell()).rejects.toThrow('fetch failed');
  await world.dies(id);
  await lost;
  await world.office(id).start();
}

async function expectOnce(office: OfficeProcess, { id, product }: Sale): Promise<void> {
  const rows = await all<Sale>(office, `/api/sales?product=${encodeURIComponent(product)}`);
  expect(rows.map((row) => row.id)).toEqual([id]);
  const events = await all<EventView>(office, '/api/events');
  expect(events.filter(({ entityId }) => entityId === id)).toHaveLength(1);
}
