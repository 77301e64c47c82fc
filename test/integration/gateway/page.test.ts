// The page of an office: for people with a browser and nothing else.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dotName } from '../../../domain/event.ts';
import { eventually } from '../../harness/wait.ts';
import { newId } from '../../unit/sync-log.ts';
import { poison } from '../services/poison.ts';
import { newSaleAt, problem, type TestOffice, TestOffices } from '../services/served.ts';

const HOSTILE = `"><script>alert('x')</script>`;

const offices = new TestOffices();
let head: TestOffice;
let west: TestOffice;

beforeAll(async () => {
  head = await offices.open('head', 'head');
  west = await offices.open('west', 'branch', { name: 'West & Sons' });
  await head.ask('POST', '/api/offices', { id: 'west' });
  expect(await west.ask('POST', '/api/sync')).toMatchObject({ status: 200 });
});
afterAll(() => offices.closeAll());

const pageOf = async ({ ask }: TestOffice): Promise<string> => (await ask('GET', '/page')).body as string;
const textOf = (page: string, id: string): string =>
  new RegExp(`id="${id}">(.*?)</(?:p|table)>`, 's')
    .exec(page)![1]!
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of an office', () => {
  it('says how it stands', async () => {
    await newSaleAt(west.ask);
    await eventually(async () =>
      expect(textOf(await pageOf(west), 'standing')).toBe('In step with the head'),
    );
    const page = await pageOf(west);
    expect(page).toContain('<h1>West &amp; Sons</h1>');
    expect(textOf(page, 'sync')).toMatch(/Events written here 1 Not yet at the head 0 Last contact 20/);
    expect(textOf(page, 'report')).toBe('The head has quarantined nothing that was written here.');
    expect(textOf(await pageOf(head), 'standing')).toBe('Branches are heard');
    expect(await pageOf(head)).not.toContain('Sync now');
  });

  it('syncs by its button, and is shown again', async () => {
    const pressed = await west.ask('POST', '/page/sync', undefined, { origin: west.url! });
    expect([pressed.status, pressed.headers.get('location'), pressed.body]).toEqual([303, '/page', null]);
    expect(await head.ask('POST', '/page/sync')).toMatchObject(problem(404, 'only-at-a-branch'));
  });

  it('says that it is paused, and shows that again when its button is pressed', async () => {
    await west.ask('POST', '/api/sync/pause');
    await newSaleAt(west.ask);
    expect((await west.ask('POST', '/page/sync')).status).toBe(303);
    const page = await pageOf(west);
    expect(textOf(page, 'standing')).toBe('Paused until it is resumed');
    expect(textOf(page, 'sync')).toContain('Not yet at the head 1');
    await west.ask('POST', '/api/sync/resume');
  });

  it('lets no other site press its button, show it in a frame, or bring anything into it', async () => {
    const foreign = await west.ask('POST', '/page/sync', undefined, { origin: 'http://evil.example' });
    expect(foreign).toMatchObject(problem(403, 'foreign-origin'));
    const { headers, body } = await west.ask('GET', '/page');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const policy = headers.get('content-security-policy')!.split('; ');
    const [, style] = /<style>(.*?)<\/style>/s.exec(body as string)!;
    const hash = createHash('sha256').update(style!).digest('base64');
    expect(policy).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]);
  });

  it('reports what the head does not apply, at the office that wrote it, as the text that it is', async () => {
    const changes = { id: newId(), entityId: HOSTILE, type: 'SaleMelted', data: { qty: 1 } };
    const { event } = await poison(west.office.store, changes);
    const due = `${dotName(event)} SaleMelted of &quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; (sales)`;
    await eventually(async () => {
      const { lastSeq } = (await west.ask('GET', '/api/sync')).body;
      expect(lastSeq).toBe(event.seq); // it was written behind the back of this process
    });
    expect((await west.ask('POST', '/page/sync')).status).toBe(303); // one sync
    const page = await pageOf(west);
    expect(page).toContain('The head does not apply 1 of this office’s events');
    expect(page).toContain(`branchline quarantine show ${dotName(event)}`);
    expect(textOf(page, 'report')).toContain(
      `${due} unknown-type: &quot;SaleMelted&quot; is no event of sales`,
    );
    expect(textOf(await pageOf(head), 'held')).toContain(due);
    for (const office of [head, west]) expect(await pageOf(office)).not.toContain('<script');
  });

  it('is no more told of it when the head has discarded it', async () => {
    const [held] = (await head.ask('GET', '/api/quarantine')).body.items;
    const path = `/api/quarantine/${encodeURIComponent(dotName(held))}/discard`;
    expect(await head.ask('POST', path, { why: 'of a withdrawn program' })).toMatchObject({ status: 200 });
    await west.ask('POST', '/page/sync');
    expect(textOf(await pageOf(west), 'report')).toBe(
      'The head has quarantined nothing that was written here.',
    );
    expect(await pageOf(head)).not.toContain('id="held"');
  });
});
