// kill -9 while a fork is mended: a branch was restored from a backup older than its acknowledged log, and had sold
// again before its first contact.
import { afterEach, describe, it } from '@jest/globals';
import type { Moment } from '../../mixins/moments.ts';
import { agree, syncState } from '../e2e/sales.ts';
import { eventually } from '../harness/wait.ts';
import { type Backup, backUp } from './backup.ts';
import { HEAD } from './company.ts';
import { companies, forRun, isFullRun } from './pairs.ts';
import { answeredBy, type Seller, sellers, stopSelling } from './seller.ts';
import { TrappedCompany } from './trapped.ts';

const SALES = 30;

let world: TrappedCompany;
const backups: Backup[] = [];

afterEach(async () => {
  await world.close();
  for (const backup of backups.splice(0)) await backup.drop();
}, 120_000);

/**
 * log-displaced  the repair is one transaction: the log is the old one or the mended one, nothing between;
 * log-mended     the repaired branch greets anew, and what it has written again is found to be there already;
 * epoch-granted  an epoch that nobody heard of is never granted again.
 */
describe.each(companies({ head: 'mariadb', branches: { east: 'postgresql' } }))(
  'a head on $head, and branches that fork',
  (databases) => {
    it('lose and double nothing when they are killed in the middle of the repair', async () => {
      world = await TrappedCompany.open(databases);
      const sold = await Promise.all(world.branches.map((id) => fork(id)));
      const head = isFullRun ? [world.kill(HEAD, 'epoch-granted')] : [];
      await Promise.all([...head, ...world.branches.map((id) => mend(id))]);
      for (const [index, id] of world.branches.entries()) {
        const after = sellers(world.office(id), 1);
        await sell(after);
        await world.reckon(id, [...sold[index]!, ...after]);
      }
    }, 900_000);
  },
);

/** What the branch sold until its backup, after it, and after its return; it stands still, restored and paused. */
async function fork(id: string): Promise<Seller[]> {
  const office = world.office(id);
  const before = sellers(office, 2);
  await sell(before);
  await agree(world.head, office, id, 90_000);
  await office.send('POST', '/api/sync/pause');
  await office.stop();
  const backup = await backUp(office.settings['DATABASE_URL']!);
  backups.push(backup);
  await office.start();
  await office.send('POST', '/api/sync/resume');
  const acknowledged = sellers(office, 2);
  await sell(acknowledged);
  await agree(world.head, office, id, 90_000);
  await office.stop();
  await backup.restore();
  await office.start();
  const again = sellers(office, 2);
  await sell(again);
  return [...before, ...acknowledged, ...again];
}

async function sell(people: readonly Seller[]): Promise<void> {
  await eventually(() => {
    if (answeredBy(people) < SALES) throw new Error('too little is sold');
  }, 60_000);
  await stopSelling(people);
}

async function mend(id: string): Promise<void> {
  const office = world.office(id);
  world.setTrap(id, 'log-displaced');
  await office.send('POST', '/api/sync/resume').catch(() => undefined); // it may die over it
  for (const moment of forRun<readonly Moment[]>(['log-displaced', 'log-mended'], [])) {
    await world.dies(id);
    world.setTrap(id, moment); // before its start: it may come to the repair before it is ready
    office.launch();
  }
  await world.dies(id);
  await office.start();
  await eventually(async () => {
    const { state } = await syncState(office);
    if (state !== 'streaming') throw new Error(`it is ${state}`);
  }, 90_000);
}
