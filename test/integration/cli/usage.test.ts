// How the commands are used, and what they leave alone when they are not used well.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../harness/ports.ts';
import { CommandFolder, type Settings } from './command-folder.ts';

let folder: CommandFolder;
let east: Settings;

beforeAll(async () => {
  folder = await CommandFolder.make();
  east = await folder.settings('east', 'branch');
});
afterAll(() => folder.remove());

describe('every command', () => {
  it.each(['start', 'import', 'offices', 'repl'])('explains itself: %s --help', async (verb) => {
    expect(await folder.run({}, verb, '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage:') as unknown,
    });
  });

  it.each([
    [['nonsense']],
    [['import']],
    [['demo', '--port', 'x']],
    [['import', 'x.csv', '--preset', 'y']],
    [['import', 'sheet.csv', '--encoding', 'zzz']],
    [['import', 'sheet.csv', '--delimiter', '']],
    [['sync', '--deadline', 'soon']],
    [['conflicts', 'list', '--status', 'x']],
    [['events', '--limit', '0']],
    [['export', '--format', 'xml']],
    [['offices', 'add', 'north', '--subscribe', 'some']],
  ])('is refused when it is used wrongly: %j', async (args) => {
    const { code, err } = await folder.run(east, ...args);
    expect([code, err === '']).toEqual([64, false]);
    expect(err).not.toMatch(/^ +at /m);
    expect((await folder.json(east, ...args)).error).toMatchObject({ type: 'usage' });
  });

  it('says how to name an office when nothing does', async () => {
    const { code, err } = await folder.run({}, 'quarantine', 'list');
    expect(code).toBe(78);
    expect(err).toMatch(/--url http.*OFFICE_ID/);
  });

  it('lists every wrong setting at once, and ends with 78', async () => {
    const wrong = { OFFICE_ID: 'No', DATABASE_URL: 'oracle://u:hunter22@h/d', PORT: 'x' };
    const { code, err } = await folder.run(wrong, 'start');
    expect(code).toBe(78);
    for (const setting of Object.keys(wrong)) expect(err).toContain(setting);
    expect(err).not.toContain('hunter22');
    expect((await folder.json(wrong, 'events')).error.problems).toHaveLength(3);
  });
});

it('says where the offices of the demo listen', async () => {
  const port = await freePort();
  const demo = folder.launch({}, ['demo', '--json', '--port', String(port)]);
  const out = demo.stdout!.setEncoding('utf8');
  let text = '';
  while (!text.endsWith('}\n')) text += String((await once(out, 'data'))[0]);
  demo.kill('SIGTERM');
  const [code] = (await once(demo, 'close')) as [number];
  const { offices } = JSON.parse(text) as { offices: { office: string; url: string }[] };
  expect(offices.map(({ office }) => office)).toEqual(['head', 'east', 'west']);
  expect([code, offices[0]!.url]).toEqual([0, `http://127.0.0.1:${port}`]);
});

describe('an office that does not run', () => {
  it('is not made by a look at it', async () => {
    for (const verb of ['events', 'export']) {
      expect(await folder.run({ OFFICE_ID: 'esat' }, verb)).toMatchObject({
        code: 78,
        err: expect.stringMatching(/There is no/) as unknown,
      });
    }
    expect(existsSync(join(folder.path, 'data/esat.sqlite'))).toBe(false);
  });

  it.each([
    ['only-at-the-head', {}, ['offices', 'add', 'south']],
    ['only-at-the-head', {}, ['offices', 'list']],
    ['no-database', { OFFICE_ROLE: 'head' }, ['offices', 'add', 'south']],
    ['only-at-a-branch', { OFFICE_ROLE: 'head' }, ['sync', '--once']],
    ['no-database', {}, ['sync', '--once']],
  ])('is not made where it is not its turn: %s %j %j', async (type, role, args) => {
    const { code, out, err } = await folder.run({ OFFICE_ID: 'hq', ...role }, ...args, '--json');
    expect([code, out + err]).toEqual([78, expect.stringContaining(type)]);
    expect(existsSync(join(folder.path, 'data/hq.sqlite'))).toBe(false);
  });
});
