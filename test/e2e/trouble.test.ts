// What surrounds an office goes away, or is not what it should be: it says so, and sells whenever its database lets it.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TcpProxy } from '../contract/tcp-proxy.ts';
import { testAmqp, testPostgres, testSqlite, type TestPlace } from '../harness/servers.ts';
import { eventually } from '../harness/wait.ts';
import { branchline, OfficeProcess, type Settings } from './office-process.ts';
import { agree, paper, record, type Sale, syncState } from './sales.ts';

const places: TestPlace[] = [];
const offices: OfficeProcess[] = [];
const proxies: TcpProxy[] = [];

async function place(made: Promise<TestPlace>): Promise<string> {
  const got = await made;
  places.push(got);
  return got.url;
}

async function start(settings: Settings): Promise<OfficeProcess> {
  const office = await OfficeProcess.start(settings);
  offices.push(office);
  return office;
}

async function behindProxy(url: string): Promise<[TcpProxy, string]> {
  const proxy = await TcpProxy.open(url);
  proxies.push(proxy);
  return [proxy, proxy.through(url)];
}

let amqp: string;

beforeAll(async () => {
  amqp = await place(testAmqp());
});

afterEach(async () => {
  await Promise.all(offices.splice(0).map((office) => office.stop()));
}, 60_000);

afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await Promise.all(places.map((made) => made.drop()));
}, 60_000);

describe('an office whose broker is away', () => {
  it('starts and sells, says so, and catches up when the broker is there', async () => {
    const [line, url] = await behindProxy(amqp);
    line.cut();
    const branch = {
      OFFICE_ID: 'away',
      OFFICE_ROLE: 'branch',
      LINK_URL: url,
      DATABASE_URL: await place(testSqlite()),
    };
    const [head, away] = await Promise.all([
      start({
        OFFICE_ID: 'head',
        OFFICE_ROLE: 'head',
        LINK_URL: url,
        DATABASE_URL: await place(testSqlite()),
      }),
      start(branch),
    ]);
    expect((await branchline(['offices', 'add', 'away'], head.settings)).code).toBe(0);
    const sold = await record(away, paper(1));
    expect(await syncState(away)).toMatchObject({
      state: 'offline',
      pending: 1,
      problem: { type: 'link-unavailable' },
    });
    expect(await syncState(head)).toMatchObject({ problem: { type: 'link-unavailable' } });
    line.join();
    await agree(head, away, 'away', 60_000);
    expect((await head.get<Sale>(`/api/sales/${sold.id}`)).body).toEqual(sold);
    line.cut(); // and away again, in the middle
    for (let qty = 2; qty < 30; qty++) await record(away, paper(qty));
    await eventually(async () =>
      expect(await syncState(away)).toMatchObject({ pending: 28, problem: { type: 'link-unavailable' } }),
    );
    line.join();
    await agree(head, away, 'away', 60_000);
  }, 150_000);
});

describe('an office whose database is away', () => {
  it('answers 503 with a stable type, lives, and recovers', async () => {
    const [line, url] = await behindProxy(await place(testPostgres()));
    const office = await start({ OFFICE_ID: 'lone', OFFICE_ROLE: 'branch', DATABASE_URL: url });
    const sold = await record(office, paper(1));
    line.cut();
    await eventually(async () => {
      const { status, body, headers } = await office.send<{ type: string }>('POST', '/api/sales', paper(2));
      expect({ status, body }).toMatchObject({ status: 503 });
      expect(body.type).toMatch(/database-unavailable|commit-unknown/);
      expect(headers.get('content-type')).toMatch(/application\/problem\+json/);
    }, 30_000);
    expect((await office.get('/health/live')).status).toBe(200);
    expect((await office.get('/health/ready')).status).toBe(503);
    line.join();
    await eventually(async () => expect((await office.get('/health/ready')).status).toBe(200), 30_000);
    expect((await office.get<Sale>(`/api/sales/${sold.id}`)).body).toEqual(sold);
    await record(office, paper(3));
  }, 120_000);

  it('starts without it, and opens when it comes', async () => {
    const [line, url] = await behindProxy(await place(testPostgres()));
    line.cut();
    const settings = { OFFICE_ID: 'late', OFFICE_ROLE: 'branch', DATABASE_URL: url };
    const late = await OfficeProcess.launch(settings);
    offices.push(late);
    await late.becomes(503);
    line.join();
    await late.becomes(200);
    await record(late, paper(1));
  }, 120_000);
});

describe('an office that is set up wrongly', () => {
  it('refuses a database that belongs to another office, and names the settings', async () => {
    const url = await place(testSqlite());
    const first = await start({ OFFICE_ID: 'first', OFFICE_ROLE: 'branch', DATABASE_URL: url });
    await first.stop();
    const wrong = await branchline(['start'], {
      OFFICE_ID: 'head',
      OFFICE_ROLE: 'head',
      DATABASE_URL: url,
      PORT: '0',
    });
    expect(wrong).toMatchObject({ code: 78 });
    for (const word of ['DATABASE_URL', 'OFFICE_ID', 'OFFICE_ROLE', 'first'])
      expect(wrong.stderr).toContain(word);
  }, 60_000);

  it('lists everything that is wrong with the settings at once', async () => {
    const wrong = await branchline(['start'], {
      OFFICE_ID: 'No Good',
      OFFICE_ROLE: 'boss',
      PORT: 'x',
      DATABASE_URL: 'oracle://h/d',
    });
    expect(wrong).toMatchObject({ code: 78 });
    for (const name of ['OFFICE_ID', 'OFFICE_ROLE', 'PORT', 'DATABASE_URL'])
      expect(wrong.stderr).toContain(name);
  }, 60_000);

  it('fences the second of two offices with one id, which hands over what it sold', async () => {
    const head = await start({
      OFFICE_ID: 'head',
      OFFICE_ROLE: 'head',
      LINK_URL: amqp,
      DATABASE_URL: await place(testSqlite()),
    });
    expect((await branchline(['offices', 'add', 'twin'], head.settings)).code).toBe(0);
    const twin = { OFFICE_ID: 'twin', OFFICE_ROLE: 'branch', LINK_URL: amqp };
    const live = await start({ ...twin, DATABASE_URL: await place(testSqlite()) });
    const soldByLive = await record(live, paper(1));
    await agree(head, live, 'twin');
    const settings = { ...twin, DATABASE_URL: await place(testSqlite()) };
    const copy = await start({ ...settings, SYNC_MODE: 'manual' });
    const soldByCopy = await record(copy, paper(2));
    await copy.send('POST', '/api/sync');
    expect((await syncState(copy)).problem?.detail).toContain('OFFICE_ID');
    // Only when the lease of what might have been its own past has run out is it known to be one of two.
    await eventually(async () => {
      expect(await syncState(copy)).toMatchObject({ state: 'fenced', problem: { type: 'second-copy' } });
      expect((await head.get<Sale>(`/api/sales/${soldByCopy.id}`)).body).toMatchObject({ qty: 2 });
    }, 120_000);
    await agree(head, live, 'twin');
    expect((await live.get<Sale>(`/api/sales/${soldByLive.id}`)).status).toBe(200);
    expect((await live.get<Sale>(`/api/sales/${soldByCopy.id}`)).status).toBe(200);
    const refused = await copy.send<{ type: string }>('POST', '/api/sales', paper(3));
    expect(refused).toMatchObject({
      status: 409,
      body: { type: expect.stringContaining('office-fenced') as unknown },
    });

    // While the live one answers the head, nobody takes the office from it; when it is gone, somebody may.
    const claimed = await branchline(['sync', 'claim', '--url', copy.url, '--json', '--yes'], {});
    expect(claimed).toMatchObject({ code: 1, stdout: expect.stringContaining('claim-refused') as unknown });
    expect(await syncState(copy)).toMatchObject({ state: 'fenced' });
    await live.stop();
    const asked = await branchline(['sync', 'claim', '--url', copy.url], {});
    expect(asked).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('it is the one that is fenced') as unknown,
    });
    const granted = await branchline(['sync', 'claim', '--url', copy.url, '--yes'], {});
    expect(granted).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('twin sells here from now on') as unknown,
    });
    const soldSince = await record(copy, paper(4));
    expect((await copy.send('POST', '/api/sync')).status).toBe(200);
    for (const { id } of [soldByLive, soldByCopy, soldSince])
      expect((await head.get<Sale>(`/api/sales/${id}`)).status).toBe(200);
    expect(await copy.send('POST', '/api/sync/claim')).toMatchObject({ status: 409 });
  }, 240_000);
});
