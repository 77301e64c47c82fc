// Events that cannot be applied, and messages that cannot be read: kept or refused with a reason, while all else flows.
import { readFile } from 'node:fs/promises';
import { crc32, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { dotName, MAX_EVENT_BYTES } from '../../domain/event.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { encodeMessage, MAX_BODY_BYTES } from '../../mixins/link/envelope.ts';
import { pack } from '../../mixins/link/message-pack.ts';
import { createStore } from '../../mixins/store/create-store.ts';
import type { EventView, WaitingView } from '../../services/event-view.ts';
import { branchline, type OfficeProcess } from '../e2e/office-process.ts';
import { agree, digest, paper, record, syncState } from '../e2e/sales.ts';
import { eventually } from '../harness/wait.ts';
import { newId } from '../unit/sync-log.ts';
import { poison } from '../integration/services/poison.ts';
import { Company } from './company.ts';
import { HostileOffice } from './hostile.ts';
import { reckon } from './oracle.ts';
import { forRun, pairs } from './pairs.ts';
import { sellers, stopSelling } from './seller.ts';

const MIB = 1024 * 1024;
/** A message is unfolded to at most 24 MiB, and so are the few that are taken from the broker at once. */
const MOST_GROWTH = 350 * MIB;

let company: Company;
let hostile: HostileOffice | null = null;

afterEach(async () => {
  await hostile?.close();
  hostile = null;
  await company.close();
}, 60_000);

/** The branch is told with the next sync. */
interface Told {
  readonly count: number;
  readonly items: readonly { readonly event: string; readonly reason: string }[];
}

const quarantinedOf = async (office: OfficeProcess): Promise<Told> =>
  (await office.get<{ quarantined: Told }>('/api/sync')).body.quarantined;
const held = async (office: OfficeProcess) =>
  (await office.get<{ items: WaitingView[] }>('/api/quarantine')).body.items;

/** Says something else than what was chained. */
function forged(event: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(event).toString().replace('"Paper"', '"Vapor"'));
}

async function joins(office: string): Promise<HostileOffice> {
  const added = await branchline(['offices', 'add', office], company.head.settings);
  expect(added).toMatchObject({ code: 0 });
  hostile = await HostileOffice.connect(company.linkUrl, office);
  await hostile.greets();
  return hostile;
}

/** In bytes: what the process holds now, and the most that it ever held. */
async function memoryOf({ pid }: OfficeProcess): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
  return { now: bytes('VmRSS'), most: bytes('VmHWM') };
}

/** An envelope with a right checksum around whatever a hostile office packs into it. */
function wrapped(packed: Uint8Array, codec: 0 | 1): Uint8Array {
  const plan = Uint8Array.of(0xb7, 1, codec, 0, 0);
  const body = codec === 1 ? zstdCompressSync(packed) : packed;
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body, crc32(plan)));
  return Buffer.concat([plan, sum, body]);
}

describe.each(pairs(1))('a branch on $branch and a head on $head', ({ branch, head }) => {
  it('keep what a hostile office writes and may not, apply the rest of it, and sell on', async () => {
    company = await Company.open({ head: { database: head }, branches: { west: { database: branch } } });
    const atWest = sellers(company.office('west'), 2);
    const { log } = await joins('mallory');
    const good = log.records('good');
    log.records('theirs', { scope: 'west' });
    log.writes({ entityId: 'ruling', type: 'ConflictResolved', data: { writes: {} } });
    log.writes({ entityId: 'melted', type: 'SaleMelted' });
    log.writes({ entityId: 'senseless', data: { product: 7 } });
    log.writes({ entityId: 'alien', dataset: 'weapons', type: 'WeaponRecorded' });
    log.writes({ dataset: 'discards', entityId: dotName(good.event), type: 'EventDiscarded', data: {} });
    log.records('good as well');
    const ack = await hostile!.sendsAfter(0);
    expect(ack).toMatchObject({ verdict: 'ok', at: { seq: 8 }, quarantined: { count: 6 } });
    const waiting = await held(company.head);
    expect(waiting.map(({ reason, status }) => [status, reason])).toEqual([
      ['quarantined', 'not-allowed'],
      ['quarantined', 'not-allowed'],
      ['quarantined', 'unknown-type'],
      ['quarantined', 'invalid-data'],
      ['quarantined', 'unknown-dataset'],
      ['quarantined', 'not-allowed'],
    ]);
    for (const id of ['good', 'good%20as%20well'])
      expect(await company.head.get(`/api/sales/${id}`)).toMatchObject({ status: 200 });
    expect(company.head.output).toContain('event-quarantined: mallory@1:2');
    await stopSelling(atWest);
    await reckon(company, 'west', atWest);
  }, 300_000);

  it('hold the same after a poisoned event of the branch is discarded, over kill -9 of both', async () => {
    company = await Company.open({ head: { database: head }, branches: { west: { database: branch } } });
    const west = company.office('west');
    const sale = await record(west, paper(3));
    await agree(company.head, west, 'west');
    await west.kill();
    const store = createStore({
      url: west.settings['DATABASE_URL']!,
      office: 'west',
      role: 'branch',
      datasets: BUILT_IN.all,
    });
    await store.open();
    const { event } = await poison(store, {
      id: newId(),
      entityId: sale.id,
      type: 'SaleMelted',
      data: { qty: 1 },
    });
    await store.close();
    await west.start();
    expect(await west.send('PATCH', `/api/sales/${sale.id}`, { qty: 5 })).toMatchObject({ status: 200 });
    const name = dotName(event);
    const told = { count: 1, items: [{ event: name, reason: 'unknown-type' }] };
    await eventually(async () => expect(await quarantinedOf(west)).toMatchObject(told), 60_000);
    await eventually(async () =>
      expect(west.output).toContain('quarantined-at-head: The head keeps an event'),
    );
    await company.head.kill();
    await west.kill();
    await west.start(); // without the head
    expect(await quarantinedOf(west)).toMatchObject(told);
    await company.head.start();
    const discard = ['quarantine', 'discard', name, '--why', 'of a withdrawn program', '--yes'];
    expect(await branchline(discard, west.settings)).toMatchObject({ code: 78 });
    expect(await branchline(discard, company.head.settings)).toMatchObject({ code: 0 });
    await company.head.kill();
    await company.head.start();
    await agree(company.head, west, 'west', 90_000);
    // No event of the sale, so the digests of sales say nothing about it.
    const discarded = { body: { status: 'discarded' } };
    await eventually(async () => {
      expect(await west.get(`/api/quarantine/${name}`)).toMatchObject(discarded);
    }, 60_000);
    for (const office of [company.head, west]) {
      expect(await office.get(`/api/sales/${sale.id}`)).toMatchObject({ body: { qty: 5 } });
      expect(await office.get(`/api/quarantine/${name}`)).toMatchObject(discarded);
      expect(await held(office)).toEqual([]);
    }
    await eventually(async () => expect(await quarantinedOf(west)).toEqual({ count: 0, items: [] }), 60_000);
    expect(await digest(west, 'west')).toEqual(await digest(company.head, 'west'));
  }, 300_000);

  it('pass on an event of the largest size, and take none that has a byte more', async () => {
    const east = { database: branch, settings: { SUBSCRIBE: 'all' } };
    company = await Company.open({ head: { database: head }, branches: {} });
    const added = ['offices', 'add', 'east', '--subscribe', 'all'];
    expect(await branchline(added, company.head.settings)).toMatchObject({ code: 0 });
    await company.join('east', east);
    const { log } = await joins('mallory');
    const incident = (text: string) =>
      log.writes({
        dataset: 'incidents',
        type: 'IncidentReported',
        data: { kind: 'test', detail: { text } },
      });
    const empty = incident('').bytes.length;
    const { bytes } = incident('x'.repeat(MAX_EVENT_BYTES - empty));
    expect(bytes).toHaveLength(MAX_EVENT_BYTES);
    expect(await hostile!.sendsAfter(0)).toMatchObject({ verdict: 'ok', at: { seq: 2 } });
    await eventually(async () => {
      const { body } = await company.office('east').get<{ items: EventView[] }>('/api/events?author=mallory');
      expect(body.items.map(({ seq, status }) => [seq, status])).toEqual([
        [1, 'applied'],
        [2, 'applied'],
      ]);
    }, 60_000);
    const batch = { ...log.after(1), nonce: 'session-1', instance: 'hostile', firstSeq: 3 };
    const over = { ...batch, events: [new Uint8Array(MAX_EVENT_BYTES + 1)] };
    for (let i = 0; i < 2; i++) await hostile!.publishes(wrapped(pack(over), 1));
    expect(await hostile!.isRefused()).toMatchObject({
      reason: 'batch-refused',
      detail: expect.stringContaining(`is not 1 to ${MAX_EVENT_BYTES} bytes`),
    });
  }, 300_000);

  it('refuse what cannot be read, in bounded memory, and let all others through', async () => {
    company = await Company.open({ head: { database: head }, branches: { west: { database: branch } } });
    const west = company.office('west');
    const atWest = sellers(west, 2);
    const { log } = await joins('mallory');
    for (let i = 0; i < 200; i++) log.records(`m${i}`);
    const batch = { ...log.after(0), instance: 'hostile', nonce: 'session-1' };
    await hostile!.publishes(encodeMessage({ ...batch, events: batch.events.map(forged) }));
    expect(await hostile!.isRefused()).toMatchObject({
      detail: expect.stringContaining('do not give the hash'),
    });
    await hostile!.greets();
    const good = Buffer.from(encodeMessage({ ...batch, nonce: 'session-2' }));
    const flipped = Buffer.from(good);
    flipped[flipped.length >> 1]! ^= 0x40;
    const lists = new Uint8Array(MAX_BODY_BYTES).fill(0x90);
    lists.set([0xdd, 0, 0xf0, 0, 0]);
    const garbage = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(0),
      good.subarray(0, good.length >> 1),
      flipped,
      wrapped(new Uint8Array(1024 * MIB), 1),
      wrapped(lists, 1),
      Buffer.concat([Uint8Array.of(0xb7, 9), good.subarray(2)]),
    ];
    const before = await memoryOf(company.head);
    for (let round = 0; round < forRun(10, 3); round++)
      for (const body of garbage) await hostile!.publishes(body);
    expect(await hostile!.isRefused()).toMatchObject({ reason: 'batch-refused' });
    await hostile!.greets(); // behind all of it, in the same queue
    expect(await hostile!.sendsAfter(0)).toMatchObject({ verdict: 'ok', at: { seq: 200 } });
    expect(company.head.output).toMatch(/undecodable: From .{0,2}mallory/);
    const after = await memoryOf(company.head);
    expect(after.most - before.now).toBeLessThan(MOST_GROWTH);
    await stopSelling(atWest);
    await reckon(company, 'west', atWest);
    for (let i = 0; i < 2; i++) await hostile!.publishes(garbage[0]!, 'west');
    await eventually(async () => {
      const { problem } = await syncState(west);
      expect(problem).toMatchObject({
        type: 'batch-refused',
        detail: expect.stringContaining('cannot read'),
      });
    }, 60_000);
    await agree(company.head, west, 'west', 120_000); // by itself
  }, 420_000);
});
