// The commands as people run them: real processes, a real SQLite file, with and without a running office.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { makeFolder, removeFolder } from '../../harness/folder.ts';
import { freePort } from '../../harness/ports.ts';
import { eventually } from '../../harness/wait.ts';

const BRANCHLINE = fileURLToPath(new URL('../../../cli/branchline.ts', import.meta.url));
const SHEET = [
  'Order Date,Product Name,Region,Sales,Quantity',
  '4/1/2026,Paper,East,945.35,73',
  '4/1/2026,Paper,West,427.35,33',
  '4/2/2026,=cmd|calc,East,30.66,14',
  '4/2/2026,Broken,East,1,x',
].join('\n');
const MAPPING = [
  '--map',
  'soldOn=Order Date,product="Product Name",region=Region',
  '--map',
  'qty=Quantity,cost=Sales / Quantity,tax=0',
  '--dates',
  'us',
];

// Each command is a process that loads the program anew.
jest.setTimeout(90_000);

type Settings = Readonly<Record<string, string>>;

let folder: string;
let east: Settings;
let head: Settings;

beforeAll(async () => {
  folder = await makeFolder('cli');
  const of = async (office: string, role: string): Promise<Settings> => ({
    OFFICE_ID: office,
    OFFICE_ROLE: role,
    PORT: String(await freePort()),
  });
  [east, head] = await Promise.all([of('east', 'branch'), of('head', 'head')]);
  await writeFile(join(folder, 'sheet.csv'), SHEET);
});
afterAll(() => removeFolder(folder));

function launch(settings: Settings, args: readonly string[]): ChildProcess {
  const env = { PATH: process.env['PATH'], HOME: folder, ...settings };
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', BRANCHLINE, ...args], {
    cwd: folder,
    env,
  });
}

async function run(settings: Settings, ...args: string[]) {
  const child = launch(settings, args);
  let [out, err] = ['', ''];
  child.stdout!.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the command answered, looked at by matchers
async function json(settings: Settings, ...args: string[]): Promise<any> {
  return JSON.parse((await run(settings, ...args, '--json')).out);
}

describe('every command', () => {
  it.each(['start', 'import', 'offices', 'repl'])('explains itself: %s --help', async (verb) => {
    expect(await run({}, verb, '--help')).toMatchObject({
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
    const { code, err } = await run(east, ...args);
    expect([code, err === '']).toEqual([64, false]);
    expect(err).not.toMatch(/^ +at /m);
    expect((await json(east, ...args)).error).toMatchObject({ type: 'usage' });
  });

  it('lists every wrong setting at once, and ends with 78', async () => {
    const wrong = { OFFICE_ID: 'No', DATABASE_URL: 'oracle://u:hunter22@h/d', PORT: 'x' };
    const { code, err } = await run(wrong, 'start');
    expect(code).toBe(78);
    for (const setting of Object.keys(wrong)) expect(err).toContain(setting);
    expect(err).not.toContain('hunter22');
    expect((await json(wrong, 'events')).error.problems).toHaveLength(3);
  });
});

it('says where the offices of the demo listen', async () => {
  const port = await freePort();
  const demo = launch({}, ['demo', '--json', '--port', String(port)]);
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
      expect(await run({ OFFICE_ID: 'esat' }, verb)).toMatchObject({
        code: 78,
        err: expect.stringMatching(/There is no/) as unknown,
      });
    }
    expect(existsSync(join(folder, 'data/esat.sqlite'))).toBe(false);
  });

  it.each([
    ['only-at-the-head', {}, ['offices', 'add', 'south']],
    ['only-at-the-head', {}, ['offices', 'list']],
    ['no-database', { OFFICE_ROLE: 'head' }, ['offices', 'add', 'south']],
    ['only-at-a-branch', { OFFICE_ROLE: 'head' }, ['sync', '--once']],
    ['no-database', {}, ['sync', '--once']],
  ])('is not made where it is not its turn: %s %j %j', async (type, role, args) => {
    const { code, out, err } = await run({ OFFICE_ID: 'hq', ...role }, ...args, '--json');
    expect([code, out + err]).toEqual([78, expect.stringContaining(type)]);
    expect(existsSync(join(folder, 'data/hq.sqlite'))).toBe(false);
  });

  it('imports a sheet, reports its bad lines, and adds nothing the second time', async () => {
    const imported = () => run(east, 'import', 'sheet.csv', ...MAPPING, '--where', 'Region=East', '--json');
    const first = await imported();
    expect(first.code).toBe(65);
    expect(JSON.parse(first.out)).toMatchObject({
      lines: 4,
      skipped: 1,
      added: 2,
      known: 0,
      badLines: [{ line: 5, reason: 'cost needs a number in Quantity, not "x"' }],
    });
    expect(JSON.parse((await imported()).out)).toMatchObject({ added: 0, known: 2, bad: 1 });
  });

  it('keeps bad lines to be mended, and imported by themselves', async () => {
    const kept = join(folder, 'sheet.rejects.csv');
    const [heading, , , , broken] = SHEET.split('\n');
    expect(await readFile(kept, 'utf8')).toBe(`${heading!}\n${broken!}\n`);
    await writeFile(kept, `${heading!}\n${broken!.replace('x', '2')}\n`);
    const { out } = await run(east, 'import', 'sheet.csv', ...MAPPING, '--where', 'Region=East');
    expect(out).toMatch(/bad lines are in sheet\.rejects-2\.csv: mend them there/);
    expect(out).toMatch(/2 lines were imported before.*ids come from the file and the row/s);
    expect(await json(east, 'import', 'sheet.rejects.csv', ...MAPPING)).toMatchObject({
      added: 1,
      rejects: null,
    });
    for (const [type, file] of [
      ['unwritable-file', 'sheet.rejects.csv'],
      ['unwritable-file', 'nowhere/x.csv'],
    ]) {
      const { error } = await json(east, 'import', 'sheet.csv', ...MAPPING, '--rejects', file!);
      expect(error).toMatchObject({ type, message: expect.stringContaining(file!) as unknown });
    }
  });

  it('takes its own export back without doubling or reviving anything', async () => {
    const exported = ['export', '--out', 'own.csv', '--deleted'];
    await run(east, ...exported);
    expect(await json(east, 'import', 'own.csv')).toMatchObject({ added: 0, existing: 3, bad: 0 });
    const own = await readFile(join(folder, 'own.csv'), 'utf8');
    const [heading, ...sales] = own.split('\n');
    const sale = sales.find((line) => line.includes('Paper'));
    const voided = sale!.replace(/^[^,]*/, 'gone').replace(/,,false$/, ',2026-04-02T00:00:00.000Z,false');
    await writeFile(join(folder, 'more.csv'), [heading, sale!.replace(/^[^,]*/, 'new'), voided].join('\n'));
    expect(await json(east, 'import', 'more.csv')).toMatchObject({ added: 1, existing: 0, voided: 1 });
    expect((await run(east, 'export')).out).toMatch(/^new,/m);
  });

  it.each([
    ['unreadable-file', ['import', '.']],
    ['unreadable-file', ['import', 'nothing.csv']],
    ['unwritable-file', ['export', '--out', 'nowhere/x.csv']],
    ['unwritable-file', ['export', '--out', '.']],
  ])('says in a line what is wrong with a file: %s %j', async (type, args) => {
    const { code, err } = await run(east, ...args);
    expect([code, err]).toEqual([65, expect.stringMatching(/^branchline: The file .*\n$/)]);
    expect((await json(east, ...args)).error).toMatchObject({ type });
  });

  it('ends in peace when nobody reads on', async () => {
    for (const verb of ['events', 'export']) {
      const child = launch(east, [verb]);
      child.stdout!.destroy();
      let err = '';
      child.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      expect({ verb, code, err }).toEqual({ verb, code: 0, err: '' });
    }
  });

  it('stops at a bad line with --strict', async () => {
    const { code, err } = await run(
      east,
      'import',
      'sheet.csv',
      ...MAPPING,
      '--where',
      'Product Name=Broken',
      '--strict',
    );
    expect(code).toBe(65);
    expect(err).toMatch(/Line 5: cost needs a number/);
  });

  it('exports what it has, money exact, formulas defused when asked', async () => {
    const { out } = await run(east, 'export', '--safe');
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe(
      'id,soldOn,product,region,qty,cost,tax,amount,total,office,createdAt,updatedAt,deletedAt,conflicted',
    );
    expect(
      lines
        .map((line) => line.split(',').slice(1, 9).join(','))
        .slice(1)
        .toSorted(),
    ).toEqual([
      '2026-04-01,Paper,East,73,12.95,0.00,945.35,945.35',
      '2026-04-01,Paper,East,73,12.95,0.00,945.35,945.35',
      "2026-04-02,'=cmd|calc,East,14,2.19,0.00,30.66,30.66",
      '2026-04-02,Broken,East,2,0.50,0.00,1.00,1.00',
    ]);
    const target = join(folder, 'out.jsonl');
    expect((await run(east, 'export', '--format', 'jsonl', '--out', target)).err).toMatch(/4 sales written/);
    const rows = (await readFile(target, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { product: string });
    expect(rows.map(({ product }) => product).toSorted()).toEqual(['=cmd|calc', 'Broken', 'Paper', 'Paper']);
  });

  it('shows its log', async () => {
    expect((await json(east, 'events', '--limit', '1')).items).toMatchObject([
      { position: 1, type: 'SaleRecorded', actor: 'import' },
    ]);
    expect((await run(east, 'events')).out).toMatch(/POSITION +EVENT.*\n1 +east@1:1 +SaleRecorded/);
  });

  it('is migrated, and belongs to one office only', async () => {
    expect(await run(east, 'migrate')).toMatchObject({ code: 0 });
    const thief = { ...east, OFFICE_ID: 'west', DATABASE_URL: 'sqlite:data/east.sqlite' };
    for (const verb of [['migrate'], ['start'], ['events']]) {
      const { code, err } = await run(thief, ...verb);
      expect([code, err]).toEqual([78, expect.stringMatching(/OFFICE_ID/)]);
    }
    const { findings } = await json(thief, 'doctor');
    expect(findings).toContainEqual(expect.objectContaining({ check: 'owner', state: 'problem' }));
  });

  it('says why it cannot sync', async () => {
    expect(await run(east, 'sync', '--once')).toMatchObject({
      code: 78,
      err: expect.stringMatching(/LINK_URL/) as unknown,
    });
    const nobody = { ...east, LINK_URL: `amqp://u:hunter22@127.0.0.1:${await freePort()}` };
    const { code, err } = await run(nobody, 'sync', '--once', '--deadline', '1');
    expect([code, err]).toEqual([75, expect.stringMatching(/could not be completed/)]);
    expect(err).not.toContain('hunter22');
    expect(await run(east, 'sync')).toMatchObject({ code: 69 });
  });

  it('adds and retires offices at the head, and says what to set at the branch', async () => {
    expect(await run(head, 'migrate')).toMatchObject({ code: 0 });
    const { code, out } = await run(
      { ...head, LINK_URL: 'amqp://head:hunter22@broker.example/shop' },
      'offices',
      'add',
      'north',
      '--name',
      'North & Co',
    );
    expect(code).toBe(0);
    for (const line of [
      'OFFICE_ID=north',
      'OFFICE_ROLE=branch',
      "OFFICE_NAME='North & Co'",
      'LINK_URL=amqp',
    ]) {
      expect(out).toContain(line);
    }
    expect(await json(head, 'offices', 'list')).toMatchObject([{ id: 'north', status: 'active' }]);
    expect(await run(head, 'offices', 'retire', 'north')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/for good.*heard from it last never.*--yes/s) as unknown,
    });
    expect(await json(head, 'offices', 'list')).toMatchObject([{ id: 'north', status: 'active' }]);
    expect(await run(head, 'offices', 'retire', 'north', '--yes')).toMatchObject({ code: 0 });
    expect((await json(head, 'offices', 'add', 'north')).error).toMatchObject({
      type: 'office-exists',
      message: expect.stringMatching(/was retired, which is for good/) as unknown,
    });
    expect(await run(head, 'offices', 'retire', 'nobody')).toMatchObject({ code: 1 });
    for (const asking of [
      ['events', '--author', 'nobody'],
      ['export', '--office', 'nobody'],
      ['conflicts', 'list', '--office', 'nobody'],
      ['import', 'sheet.csv', '--office', 'nobody'],
    ])
      expect((await json(head, ...asking)).error).toMatchObject({ type: 'unknown-office' });
    expect(await run(east, 'offices', 'list')).toMatchObject({ code: 78 });
    expect(await run(head, 'offices', 'add', 'Not Good')).toMatchObject({ code: 64 });
  });

  it('is looked at by the doctor', async () => {
    const well = await run(east, 'doctor', '--json');
    expect(well.code).toBe(0);
    const checks = (JSON.parse(well.out) as { findings: { check: string }[] }).findings.map(
      ({ check }) => check,
    );
    expect(checks).toEqual(
      expect.arrayContaining([
        'versions',
        'configuration',
        'database',
        'schema',
        'owner',
        'clock',
        'gateway',
      ]),
    );
    const closed = await freePort();
    const ill = {
      ...east,
      DATABASE_URL: `postgresql://u:hunter22@127.0.0.1:${closed}/x`,
      LINK_URL: `amqp://u:hunter22@127.0.0.1:${closed}`,
      OFFICE_IDD: 'x',
    };
    const { code, out } = await run(ill, 'doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/PROBLEM {2}database: postgresql:\/\/127\.0\.0\.1.* cannot be used/);
    expect(out).toMatch(/PROBLEM {2}broker: .*ECONNREFUSED/);
    expect(out).toMatch(/OFFICE_IDD is set/);
    expect(out).not.toContain('hunter22');
  });
});

describe('an office that runs', () => {
  let running: ChildProcess;

  beforeAll(async () => {
    running = launch(east, ['start', '--json']);
    await eventually(async () => {
      expect((await fetch(`http://127.0.0.1:${east['PORT']!}/health/ready`)).status).toBe(200);
    });
  });

  it('is asked over its interface by the same commands', async () => {
    expect(await json(east, 'sync')).toMatchObject({ lastSeq: 4, problem: { type: 'no-link' } });
    expect((await json(east, 'events')).items).toHaveLength(4);
    expect(await json(east, 'import', 'sheet.csv', ...MAPPING, '--where', 'Region=East')).toMatchObject({
      added: 0,
      known: 2,
    });
    expect(await json({}, 'conflicts', 'list', '--url', `http://127.0.0.1:${east['PORT']!}`)).toEqual([]);
    expect((await json(east, 'doctor')).findings).toContainEqual(
      expect.objectContaining({ check: 'office', state: 'warning' }),
    );
  });

  it('is found on its database file when PORT is not that of the environment', async () => {
    const elsewhere = { ...east, PORT: String(await freePort()) };
    expect(await json(elsewhere, 'sync')).toMatchObject({ lastSeq: 4 });
    expect((await json(elsewhere, 'events')).items).toHaveLength(4);
  });

  it('keeps its database to itself', async () => {
    const second = { ...east, PORT: String(await freePort()) };
    const { code, err } = await run(second, 'start');
    const named = `in use by process ${running.pid!}, office "east" at http://127.0.0.1:${east['PORT']!}. Stop`;
    expect([code, err]).toEqual([69, expect.stringContaining(named)]);
    expect((await json(second, 'start')).error).toMatchObject({ type: 'database-in-use' });
  });

  it('keeps its port to itself', async () => {
    const { code, err } = await run({ ...head, PORT: east['PORT']! }, 'start');
    expect([code, err]).toEqual([69, expect.stringMatching(/is in use.*Set another PORT/)]);
    const { ok, findings } = await json({ ...head, PORT: east['PORT']! }, 'doctor');
    expect(ok).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'gateway',
        state: 'problem',
        detail: expect.stringContaining('is in use'),
      }),
    );
  });

  it('ends in order when it is told to', async () => {
    const started = performance.now();
    running.kill('SIGTERM');
    const [code] = (await once(running, 'close')) as [number];
    expect(code).toBe(0);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});
