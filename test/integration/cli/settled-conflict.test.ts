// Whoever comes too late to a conflict, by the id of the sale, is told what became of it.
import { afterAll, expect, it } from '@jest/globals';
import { eventually } from '../../harness/wait.ts';
import { PAPER, TestOffices } from '../services/served.ts';
import { branchline } from './branchline-command.ts';

const offices = new TestOffices();
afterAll(() => offices.closeAll());

it('a conflict that is settled says when and how, also by the id of the sale', async () => {
  const head = await offices.open('hq', 'head');
  await head.ask('POST', '/api/offices', { id: 'west' });
  const west = await offices.open('west', 'branch');
  await west.ask('POST', '/api/sales', { ...PAPER, id: 'disputed' });
  await west.ask('POST', '/api/sync');
  await west.ask('POST', '/api/sync/pause');
  await west.ask('PATCH', '/api/sales/disputed', { cost: '13' });
  await head.ask('PATCH', '/api/sales/disputed', { cost: '12' });
  await west.ask('POST', '/api/sync/resume');
  await eventually(async () =>
    expect((await head.ask('GET', '/api/conflicts?status=open')).body.items).toHaveLength(1),
  );
  const resolve = ['conflicts', 'resolve', 'disputed', '--url', head.url!];
  expect(await branchline(...resolve, '--take', 'west')).toMatchObject({ code: 0 });
  const late = await branchline(...resolve, '--take', 'hq');
  expect(late.code).not.toBe(0);
  expect(late.said).toMatch(/was settled at \d{4}-.*Z by anonymous \(manual\): cost=13/);
  expect((await branchline('conflicts', 'show', 'disputed', '--url', head.url!)).said).toMatch(
    /settled, about cost/,
  );
}, 60_000);
