// An operator changes datasets at the head; every command follows.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandFolder, type Settings } from './command-folder.ts';

const SALE = 'soldOn=2026-04-01,product=Paper,region=West,qty=2,cost=12.95,tax=1';
const CHANGED = 'soldOn=2026-04-02,product=Pens,area=West,qty=1,cost=2,tax=0,channel=web';

let folder: CommandFolder;
let head: Settings;

beforeAll(async () => {
  folder = await CommandFolder.make();
  head = await folder.settings('hq', 'head');
  await folder.run(head, 'migrate');
  await folder.run(head, 'sales', 'record', '--id', 'old', '--set', SALE);
});
afterAll(() => folder.remove());

const CHANGE = [
  ...['--add-field', 'channel=enum:shop,web', '--default', 'shop'],
  ...['--rename', 'region=area', '--widen', 'product=text:400'],
];

describe('datasets plan and apply', () => {
  it('show what a change comes to, and make it', async () => {
    const { code, out } = await folder.run(head, 'datasets', 'plan', 'sales', ...CHANGE);
    expect([code, out]).toEqual([0, expect.stringContaining('sales goes from version 1 to 2')]);
    expect(out).toMatch(
      /mariadb: alter table "sales" add column "channel" varchar\(100\) null default 'shop'/,
    );
    expect(out).toContain('Nothing was changed.');
    const apply = ['datasets', 'apply', 'sales', ...CHANGE, '--key', 'spring'];
    expect((await folder.run(head, ...apply)).out).toContain('version 2 now');
    expect((await folder.run(head, ...apply)).out).toContain('version 2 now'); // the answer may be lost
    const { out: shown } = await folder.run(head, 'datasets', 'show', 'sales');
    expect(shown).toMatch(/channel +shop \| web, shop unless given +optional/);
    expect(shown).toMatch(/area +text of at most 100 +required/);
  });

  it('are followed by every command', async () => {
    const run = (...args: string[]) => folder.json(head, 'sales', ...args);
    expect(await run('get', 'old')).toMatchObject({ area: 'West', channel: 'shop' });
    expect(await run('record', '--id', 'new', '--set', CHANGED)).toMatchObject({ channel: 'web' });
    expect(await run('list', '--where', 'channel=web,area=West')).toMatchObject([{ id: 'new' }]);
    const refused = await folder.run(head, 'sales', 'record', '--set', SALE);
    expect(refused).toMatchObject({ code: 65, err: expect.stringContaining('region is called "area" now') });
    expect(await folder.run(head, 'sales', 'list', '--where', 'region=West')).toMatchObject({
      code: 64,
      err: expect.stringContaining('region is called "area" now'),
    });
    const sheet = join(folder.path, 'sales.csv');
    await folder.run(head, 'export', '--out', sheet);
    const east = await folder.settings('other', 'head');
    await folder.run(east, 'migrate');
    await folder.run(east, 'datasets', 'apply', 'sales', ...CHANGE);
    expect((await folder.run(head, 'export')).out).toContain('old,2026-04-01,Paper,West,2,12.95,1.00,shop');
    expect(await folder.json(east, 'import', sheet, '--new-ids')).toMatchObject({ added: 2, bad: 0 });
    const older = join(folder.path, 'older.csv');
    await writeFile(older, 'soldOn,product,region,qty,cost,tax\n2026-04-03,Paper,East,1,2,0\n');
    expect(await folder.run(east, 'import', older)).toMatchObject({
      code: 64,
      err: expect.stringContaining('region is called "area" now; use --map area=region'),
    });
    expect(await folder.json(east, 'import', older, '--map', 'area=region')).toMatchObject({ added: 1 });
    expect(await folder.json(east, 'sales', 'list', '--where', 'channel=web')).toMatchObject([
      { area: 'West' },
    ]);
  }, 60_000);

  it('take a file, and the declaration of a new dataset', async () => {
    const changes = join(folder.path, 'changes.json');
    const retired = { dataset: 'products', changes: [{ kind: 'retire-field', field: 'unit' }] };
    await writeFile(changes, JSON.stringify(retired));
    expect(await folder.run(head, 'datasets', 'apply', changes)).toMatchObject({ code: 0 });
    expect((await folder.run(head, 'datasets', 'show', 'products')).out).toContain('Retired, and kept: unit');
    const visits = join(folder.path, 'visits.json');
    const fields = { guests: { kind: 'integer', required: true } };
    await writeFile(visits, JSON.stringify({ name: 'visits', noun: 'Visit', fields }));
    expect((await folder.run(head, 'datasets', 'apply', visits)).out).toContain(
      'visits is new, with version 1',
    );
    expect(await folder.json(head, 'visits', 'record', '--id', 'a', '--set', 'guests=3')).toMatchObject({
      guests: 3,
    });
    expect(await folder.json(head, 'visits', 'list')).toMatchObject([{ id: 'a' }]);
  }, 60_000);

  it('list what cannot be carried out at an office, and why', async () => {
    const datasetsDir = join(folder.path, 'datasets');
    const declaration = join(datasetsDir, 'letters.json');
    const letters = { name: 'letters', noun: 'Letter', fields: { pages: { kind: 'integer' } } };
    const declares = (fields: object) =>
      writeFile(declaration, JSON.stringify({ ...letters, fields: { ...letters.fields, ...fields } }));
    await mkdir(datasetsDir);
    await declares({});
    const declaring = { ...head, DATASETS_DIR: datasetsDir };
    const add = ['datasets', 'apply', 'letters', '--add-field', 'sent=boolean'];
    expect(await folder.run(declaring, ...add)).toMatchObject({ code: 0 });
    expect((await folder.run(declaring, 'datasets', 'list')).out).not.toContain('not carried out');
    await declares({ sent: { kind: 'integer', min: 0, max: 1 } });
    expect((await folder.run(declaring, 'datasets', 'list')).out).toContain(
      'letters version 2 is not carried out here: "sent" is or was a field of letters already',
    );
  }, 60_000);

  it.each([
    [['sales'], 64, 'Say what to change'],
    [['sales', '--add-field', 'x=money'], 64, 'is of no known kind'],
    [['sales', '--add-field', 'x=date', '--required', 'y'], 64, '"y" is not among'],
    [['sales', '--widen', 'product=text:10'], 65, 'it can only be widened'],
    [['sales', '--retire', 'qty'], 65, 'is worked out from it'],
    [['sales', '--add-field', 'x=date', '--required', 'x'], 65, 'needs a default'],
    [['nothing.json'], 65, 'cannot be read'],
    [['visits.ts'], 64, 'a file must end in .json'],
    [['seles', '--optional', 'qty'], 1, 'There is no dataset "seles"; there is sales'],
    [['sales', '--widen', 'cost=decimal:18,4'], 64, 'is widened with text:400, decimal:18'],
  ])('refuse %j', async (args, code, reason) => {
    expect(await folder.run(head, 'datasets', 'plan', ...args)).toMatchObject({
      code,
      err: expect.stringContaining(reason),
    });
  });
});
