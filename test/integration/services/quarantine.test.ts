// What the head does not apply: told to the office that wrote it, shown, judged again, discarded.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dotName } from '../../../domain/event.ts';
import { checkDatabase } from '../../../mixins/doctor/check-database.ts';
import { eventually } from '../../harness/wait.ts';
import { newId } from '../../unit/sync-log.ts';
import { poison } from './poison.ts';
import { newSaleAt, PAPER, problem, type TestOffice, TestOffices } from './served.ts';

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;

beforeAll(async () => {
  [head, west] = await Promise.all([offices.open('head', 'head'), offices.open('west', 'branch')]);
  await head.ask('POST', '/api/offices', { id: 'west' });
  expect(await west.ask('POST', '/api/sync')).toMatchObject({ status: 200 });
});
afterAll(() => offices.closeAll());

const syncAt = async (office: TestOffice) => (await office.ask('GET', '/api/sync')).body;
const digestAt = async (office: TestOffice) =>
  (await office.ask('GET', '/api/digest?dataset=sales&scope=west')).body;

/** A sale of west, an amendment that no program knows, and a good one after it; all of it at the head. */
async function poisoned(): Promise<{ id: string; event: string }> {
  const { id } = await newSaleAt(west.ask);
  const changes = { id: newId(), entityId: id, type: 'SaleMelted', data: { qty: 1 } };
  const { event } = await poison(west.office.store, changes);
  expect(await west.ask('PATCH', `/api/sales/${id}`, { qty: 5 })).toMatchObject({ status: 200 });
  await eventually(async () => {
    expect((await syncAt(west)).pending).toBe(0);
    expect((await syncAt(west)).quarantined.items).toContainEqual(
      expect.objectContaining({ event: dotName(event) }),
    );
  });
  return { id, event: dotName(event) };
}

describe('an event that the head does not apply', () => {
  let poisonedSale: Awaited<ReturnType<typeof poisoned>>;
  beforeAll(async () => (poisonedSale = await poisoned()));

  it('is told to its office, which sells on', async () => {
    const { id, event } = poisonedSale;
    const told = {
      count: 1,
      items: [
        {
          event,
          type: 'SaleMelted',
          dataset: 'sales',
          entityId: id,
          reason: 'unknown-type',
          detail: '"SaleMelted" is no event of sales',
        },
      ],
    };
    expect(await syncAt(west)).toMatchObject({ state: 'streaming', problem: null, quarantined: told });
    expect(await syncAt(head)).toMatchObject({ waiting: 2, quarantined: { count: 0, items: [] } });
    expect(await newSaleAt(west.ask)).toMatchObject({ qty: 33 });
  });

  it('is found by the doctor of its office, also without the head', async () => {
    await eventually(async () =>
      expect(await checkDatabase(west.office.config)).toContainEqual({
        check: 'quarantine',
        state: 'warning',
        detail: expect.stringContaining(
          `${poisonedSale.event} (SaleMelted of ${poisonedSale.id}): unknown-type`,
        ),
        advice: expect.stringContaining('branchline quarantine'),
      }),
    );
  });

  it('is still told after a restart of its office, before the head is reached', async () => {
    offices.hub.cut('west');
    west = await west.reopen();
    expect(await syncAt(west)).toMatchObject({ state: 'offline', quarantined: { count: 1 } });
    offices.hub.join('west');
  });

  it('is listed and shown, with what waits for it', async () => {
    const { body } = await head.ask('GET', '/api/quarantine');
    expect(body).toMatchObject({
      items: [
        { type: 'SaleMelted', status: 'quarantined', reason: 'unknown-type' },
        { type: 'SaleAmended', status: 'parked', reason: 'cause-missing' },
      ],
      next: null,
    });
    expect((await head.ask('GET', '/api/quarantine?status=parked')).body.items).toHaveLength(1);
    const [first, second] = body.items;
    expect((await head.ask('GET', '/api/quarantine?limit=1')).body).toMatchObject({ next: first.position });
    const later = `west@1:${second.seq}`;
    const { event } = poisonedSale;
    expect((await head.ask('GET', `/api/quarantine/${event}`)).body).toMatchObject({
      event,
      status: 'quarantined',
      data: { qty: 1 },
      holdsBack: [later],
      waitsFor: [],
      discarded: null,
    });
    expect((await head.ask('GET', `/api/quarantine/${second.position}`)).body).toMatchObject({
      event: later,
      waitsFor: [event],
      holdsBack: [],
    });
  });

  it('stays when it is judged again by the same program', async () => {
    const { event } = poisonedSale;
    expect(await head.ask('POST', `/api/quarantine/${event}/retry`)).toMatchObject({
      status: 200,
      body: { status: 'quarantined', reason: 'unknown-type' },
    });
  });

  it('is discarded at the head alone, with a reason', async () => {
    const path = `/api/quarantine/${encodeURIComponent(poisonedSale.event)}/discard`;
    expect(await west.ask('POST', path, { why: 'x' })).toMatchObject(problem(404, 'only-at-the-head'));
    expect(await head.ask('POST', path, {})).toMatchObject(problem(400, 'invalid-parameters'));
    expect(await head.ask('POST', path, { why: '' })).toMatchObject(problem(400, 'invalid-parameters'));
    const key = { 'idempotency-key': 'discard-1' };
    const done = await head.ask('POST', path, { why: 'of a withdrawn program' }, key);
    expect(done).toMatchObject({
      status: 200,
      body: {
        status: 'discarded',
        reason: null,
        discarded: { by: 'anonymous', why: 'of a withdrawn program' },
      },
    });
    expect(
      (await head.ask('POST', path, { why: 'of a withdrawn program' }, key)).headers.get(
        'idempotency-replayed',
      ),
    ).toBe('true');
    expect(await head.ask('POST', path, { why: 'again' })).toMatchObject(problem(409, 'event-discarded'));
  });

  it('is then set aside at both, which hold the same, and tell of it no more', async () => {
    const { id, event } = poisonedSale;
    expect((await west.ask('POST', '/api/sync')).body).toMatchObject({
      quarantined: { count: 0, items: [] },
    });
    await eventually(async () => expect(await digestAt(west)).toEqual(await digestAt(head)));
    for (const office of [head, west]) {
      expect((await office.ask('GET', `/api/sales/${id}`)).body).toMatchObject({ qty: 5 });
      expect((await office.ask('GET', `/api/quarantine/${event}`)).body).toMatchObject({
        status: 'discarded',
        discarded: { why: 'of a withdrawn program' },
      });
      expect((await office.ask('GET', '/api/quarantine')).body).toEqual({ items: [], next: null });
      expect(await syncAt(office)).toMatchObject({ waiting: 0 });
      const { items } = (await office.ask('GET', `/api/sales/${id}/history`)).body;
      expect(items).toContainEqual(expect.objectContaining({ type: 'SaleMelted', status: 'discarded' }));
    }
    expect(await checkDatabase(west.office.config)).not.toContainEqual(
      expect.objectContaining({ check: 'quarantine' }),
    );
  });
});

describe('what was sent with an Idempotency-Key and is discarded', () => {
  const id = newId();
  const key = (name: string) => ({ 'idempotency-key': name });
  const patch = () => west.ask('PATCH', `/api/sales/${id}`, { qty: 4 }, key('changed-once'));
  const sell = () => west.ask('POST', '/api/sales', { ...PAPER, id }, key('sold-once'));

  async function discard(seq: number): Promise<void> {
    await west.ask('POST', '/api/sync');
    const path = `/api/quarantine/west@1:${seq}/discard`;
    expect(await head.ask('POST', path, { why: 'not needed' })).toMatchObject({ status: 200 });
    await west.ask('POST', '/api/sync');
  }

  it('is not answered as done when it is sent again', async () => {
    await poison(west.office.store, { id: newId(), entityId: id, type: 'SaleMelted', data: { qty: 1 } });
    expect(await sell()).toMatchObject({ status: 201 });
    expect(await patch()).toMatchObject({ status: 200 });
    const { lastSeq } = await syncAt(west);
    await discard(lastSeq);
    expect(await patch()).toMatchObject(problem(409, 'event-discarded'));
    expect(await sell()).toMatchObject(problem(409, 'entity-waiting')); // judged again, it waits here, too
    await discard(lastSeq - 1);
    expect(await west.ask('GET', `/api/sales/${id}`)).toMatchObject(problem(404, 'unknown-entity'));
    expect(await sell()).toMatchObject(problem(409, 'event-discarded'));
    await discard(lastSeq - 2);
    expect(await west.ask('POST', '/api/sales', { ...PAPER, id }, key('sold-anew'))).toMatchObject({
      status: 201,
    });
  });
});

describe('what is not in quarantine', () => {
  it.each(['get', 'retry', 'discard'])('is no case for %s', async (verb) => {
    const { id } = await newSaleAt(head.ask);
    const { items } = (await head.ask('GET', `/api/sales/${id}/history`)).body;
    const ask = (event: string) =>
      verb === 'get'
        ? head.ask('GET', `/api/quarantine/${event}`)
        : head.ask('POST', `/api/quarantine/${event}/${verb}`, verb === 'retry' ? undefined : { why: 'x' });
    expect(await ask(String(items[0].position))).toMatchObject(problem(409, 'event-applied'));
    expect(await ask('west@1:999')).toMatchObject(problem(404, 'unknown-event'));
    expect(await ask('999999')).toMatchObject(problem(404, 'unknown-event'));
    expect(await ask('West!')).toMatchObject(problem(400, 'invalid-parameters'));
  });
});
