// The queue of conflicts from the command line: found by what is at stake, remarked on, and ruled on all at once.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { PAPER, type TestOffice, TestOffices } from '../services/served.ts';
import { branchline } from './branchline-command.ts';

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
