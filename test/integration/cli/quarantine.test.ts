// `branchline quarantine`: beside a running head, with its database alone, and where it is refused.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dotName } from '../../../domain/event.ts';
import { eventually } from '../../harness/wait.ts';
import { newId } from '../../unit/sync-log.ts';
import { poison } from '../services/poison.ts';
import { newSaleAt, type TestOffice, TestOffices } from '../services/served.ts';
import { CommandFolder, type Settings } from './command-folder.ts';

const offices = new TestOffices();
let folder: CommandFolder;
let head: TestOffice;
let west: TestOffice;
let sale: string;
let event: string;
let later: string;

beforeAll(async () => {
  folder = await CommandFolder.make();
  [head, west] = await Promise.all([offices.open('head', 'head'), offices.open('west', 'branch')]);
  await head.ask('POST', '/api/offices', { id: 'west' });
  expect(await west.ask('POST', '/api/sync')).toMatchObject({ status: 200 });
  ({ id: sale } = await newSaleAt(west.ask));
  const written = await poison(west.office.store, {
    id: newId(),
    entityId: sale,
    type: 'SaleMelted',
    data: { qty: 1 },
  });
  event = dotName(written.event);
  later = dotName({ ...written.event, seq: written.event.seq + 1 });
  expect(await west.ask('PATCH', `/api/sales/${sale}`, { qty: 5 })).toMatchObject({ status: 200 });
  await eventually(async () =>
    expect((await west.ask('GET', '/api/sync')).body).toMatchObject({
      pending: 0,
      quarantined: { count: 1 },
    }),
  );
});
afterAll(async () => {
  await offices.closeAll();
  await folder.remove();
});

const quarantine = (...args: string[]) => folder.run({}, 'quarantine', ...args, '--url', head.url!);
const portOf = ({ url }: TestOffice): string => new URL(url!).port;
const asJson = async (...args: string[]): Promise<unknown> =>
  JSON.parse((await quarantine(...args, '--json')).out);

describe('branchline quarantine', () => {
  it('lists what is held, and why', async () => {
    const { code, out } = await quarantine('list');
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`${event} +quarantined +SaleMelted .*unknown-type: "SaleMelted" is no event of sales`),
    );
    expect(out).toMatch(new RegExp(`${later} +parked +SaleAmended .*cause-missing`));
    expect(await asJson('list', '--status', 'quarantined')).toMatchObject([{ type: 'SaleMelted' }]);
  });

  it('shows one, with what waits for it', async () => {
    const { out } = await quarantine('show', event);
    expect(out).toContain(`${event}: quarantined, SaleMelted of "${sale}" (sales of west)`);
    expect(out).toMatch(new RegExp(`before +${later}`));
    expect(out).toContain('{"qty":1}');
    expect((await quarantine('show', later)).out).toMatch(new RegExp(`waits +for ${event}`));
    expect(await asJson('show', event)).toMatchObject({ event, holdsBack: [later] });
  });

  it('judges one again, or all, and says how they stand', async () => {
    expect(await quarantine('retry', event)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${event} is still quarantined: unknown-type`),
    });
    expect(await asJson('retry', '--all')).toMatchObject([{ event }, { event: later }]);
    expect(await quarantine('retry')).toMatchObject({ code: 64 });
    expect(await quarantine('retry', event, '--all')).toMatchObject({ code: 64 });
  });

  it('says what the branch was told, where it syncs', async () => {
    const { out } = await folder.run({}, 'sync', '--url', west.url!);
    expect(out).toContain('the head does not apply 1 of this office’s events');
    expect(out).toContain(`${event} (SaleMelted of ${sale}): unknown-type`);
  });

  it('refuses what cannot be discarded', async () => {
    const why = ['--why', 'x', '--yes'];
    expect((await quarantine('discard', event, '--yes')).code).toBe(64);
    expect(await quarantine('discard', event, '--why', 'x')).toMatchObject({
      code: 64,
      err: expect.stringContaining('is for good'),
    });
    expect(await asJson('discard', 'west@1:1', ...why)).toMatchObject({ error: { type: 'event-applied' } });
    expect(await asJson('discard', 'west@1:99', ...why)).toMatchObject({ error: { type: 'unknown-event' } });
    const branch: Settings = await folder.settings('east', 'branch');
    expect(await folder.json(branch, 'quarantine', 'discard', event, ...why)).toMatchObject({
      error: { type: 'only-at-the-head' },
    });
  });

  it.each([
    [
      'as its settings say',
      () => ({ OFFICE_ID: 'west', OFFICE_ROLE: 'branch', PORT: portOf(west) }),
      () => [],
    ],
    ['as --url names it', () => ({}), () => ['--url', west.url!]],
  ])(
    'says at a branch that runs, %s, that only the head discards, before it asks anything',
    async (_, settings, url) => {
      const args = ['quarantine', 'discard', event, '--why', 'x', ...url()];
      expect(await folder.json(settings(), ...args)).toMatchObject({
        error: { type: 'only-at-the-head', expected: 'head', actual: 'branch' },
      });
      const { code, err } = await folder.run(settings(), ...args);
      expect(code).toBe(78);
      expect(err).toMatch(/Only a head can do this, and .*west.* a branch\. Name the head with --url/);
      expect((await west.ask('GET', `/api/quarantine/${event}`)).body).not.toMatchObject({
        status: 'discarded',
      });
    },
  );

  it('discards one, for good, at both', async () => {
    const done = await quarantine('discard', event, '--why', 'of a withdrawn program', '--yes');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining(`${event} is discarded`) });
    expect((await quarantine('discard', event, '--why', 'again', '--yes')).code).toBe(1);
    expect((await quarantine('list')).out).toContain('Every event is applied.');
    expect((await quarantine('show', event)).out).toMatch(
      /gone +discarded by anonymous at .*: of a withdrawn program/,
    );
    expect((await west.ask('POST', '/api/sync')).body).toMatchObject({ quarantined: { count: 0 } });
    const { body } = await west.ask('GET', `/api/quarantine/${event}`);
    expect(body).toMatchObject({ status: 'discarded' });
  });

  it('works with the database of a head that does not run', async () => {
    const settings = await folder.settings('hq', 'head');
    expect(await folder.run(settings, 'migrate')).toMatchObject({ code: 0 });
    expect(await folder.json(settings, 'quarantine', 'list')).toEqual([]);
    expect(await folder.json(settings, 'quarantine', 'retry', '--all')).toEqual([]);
    expect(await folder.json(settings, 'quarantine', 'show', '7')).toMatchObject({
      error: { type: 'unknown-event' },
    });
  });
});
