// The queue of conflicts from the command line: found by what is at stake, remarked on, and ruled on all at once.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeFolder } from '../../harness/folder.ts';
import { eventually } from '../../harness/wait.ts';
import { PAPER, type TestOffice, TestOffices } from '../services/served.ts';
import { branchline, branchlineOf } from './branchline-command.ts';

const offices = new TestOffices();
let head: TestOffice;

beforeAll(async () => {
  head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  const west = await offices.open('west', 'branch');
  for (const id of ['cheap', 'dear']) await west.ask('POST', '/api/sales', { ...PAPER, id });
  await west.ask('POST', '/api/sync');
  await west.ask('POST', '/api/sync/pause');
  for (const [id, cost] of Object.entries({ cheap: '12.96', dear: '20' })) {
    await west.ask('PATCH', `/api/sales/${id}`, { cost });
    await head.ask('PATCH', `/api/sales/${id}`, { cost: '10' });
  }
  await west.ask('POST', '/api/sync/resume');
  await eventually(async () =>
    expect((await head.ask('GET', '/api/conflicts?status=open')).body.items).toHaveLength(2),
  );
}, 60_000);
afterAll(() => offices.closeAll());

const conflicts = (...args: string[]) => branchline('conflicts', ...args, '--url', head.url!);

it('tries other policies on them', async () => {
  const byName = await conflicts('try', '--policy', 'owner-wins', '--since', '2026-01-01');
  expect(byName.said).toMatch(/west +2 +0 +2 +0 +[^\n]*sales\.total \+427\.68/); // 33 x (10 + 2.96)
  expect(byName.said).toMatch(/dear +west +cost=10\.00 +cost=20\.00 +[^]*Nothing was changed\./);
  const folder = await makeFolder('policies');
  const file = join(folder, 'ours.json');
  await writeFile(file, '{"fields":{"cost":"min"}}');
  const byFile = await conflicts('try', '--policy', file, '--dataset', 'sales', '--json');
  expect(JSON.parse(byFile.said)).toMatchObject({
    offices: [{ office: 'west', cases: 2, same: 2 }],
    differing: [],
  });
  const ours = join(folder, 'ours.mjs');
  await writeFile(ours, 'export default { fields: { cost: { name: "ours", rule: ([one]) => one } } };');
  expect(await conflicts('try', '--policy', ours, '--dataset', 'sales')).toMatchObject({
    code: 64,
    said: expect.stringMatching(/leave --url away/),
  });
  const { office, role, databaseUrl } = head.office.config;
  const settings = { OFFICE_ID: office, OFFICE_ROLE: role, DATABASE_URL: databaseUrl };
  const local = ['conflicts', 'try', '--policy', ours, '--dataset', 'sales', '--json'];
  const { said } = await branchlineOf(settings, ...local);
  expect(JSON.parse(said)).toMatchObject({ offices: [{ office: 'west', cases: 2, same: 0, differs: 2 }] });
  expect((await conflicts('list', '--status', 'open')).said).toMatch(/dear/);
}, 120_000);

it('gives a dataset other policies, and shows every version of them', async () => {
  const policies = (...args: string[]) => branchline('datasets', 'policies', ...args, '--url', head.url!);
  expect(await policies('set', 'products', '--field', 'name=head-wins', '--void', 'manual')).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^products: version 2, name head-wins, others latest, voiding manual/),
  });
  const { said } = await policies('history', 'products');
  expect(said).toMatch(
    /1 +- +\(declared\) +version 1, others latest[^]*2 +\d{4}-.*anonymous +version 2, name head-wins/,
  );
  expect(await policies('set', 'products')).toMatchObject({ code: 64 });
  expect(await policies('set', 'stock', '--field', 'quantity=max')).toMatchObject({
    code: 65,
    said: expect.stringMatching(/counts \(add\)/),
  });
}, 120_000);

it('finds, notes and settles them', async () => {
  const { said } = await conflicts('list', '--at-stake', '100', '--office', 'west');
  expect(said).toMatch(/ dear +cost +330\.00 /);
  expect(said).not.toMatch(/cheap/);
  expect((await conflicts('list', '--older-than', '1h')).said).not.toMatch(/dear|cheap/);
  expect(await conflicts('list', '--older-than', 'long')).toMatchObject({ code: 64 });

  expect(await conflicts('note', 'dear', 'they call back')).toMatchObject({ code: 0 });
  expect((await conflicts('show', 'dear')).said).toMatch(/330\.00 at stake[^]*note +they call back/);

  const all = ['resolve', '--all', '--office', 'west', '--take', 'max'];
  expect(await conflicts(...all)).toMatchObject({
    code: 64,
    said: expect.stringMatching(/2 to resolve, 0 refused[^]*--yes/),
  });
  expect((await conflicts(...all, '--dry-run')).said).toMatch(/dear +would-resolve +cost=20\.00/);
  expect((await conflicts('list', '--status', 'open')).said).toMatch(/dear/);
  expect(await conflicts(...all, '--yes')).toMatchObject({
    code: 0,
    said: expect.stringMatching(/dear +resolved +cost=20\.00[^]*2 resolved, 0 refused/),
  });
  expect((await conflicts(...all, '--yes')).said).toMatch(/No open conflict fits/);
  expect((await conflicts('show', 'dear')).said).toMatch(/ruling +cost=20\.00 +\(max v1, /);
  expect(await conflicts('resolve', 'dear', '--all')).toMatchObject({ code: 64 });
}, 120_000);
