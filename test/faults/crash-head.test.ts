// kill -9 of the head at named moments, under load: of its own sales, and of what comes up from the branches.
import { afterEach, describe, it } from '@jest/globals';
import type { Moment } from '../../mixins/moments.ts';
import { HEAD } from './company.ts';
import { reckon } from './oracle.ts';
import { companies, share, times } from './pairs.ts';
import { stopSelling } from './seller.ts';
import { TrappedCompany } from './trapped.ts';

/**
 * Each moment, and what keeps the promise there:
 * append-written    nobody is answered before the commit;
 * append-committed  the seller asks again with its key, which finds the event;
 * run-read          the feed is only a hint: a branch that missed a run pulls from its cursor;
 * batch-received    the broker keeps a batch until it is dealt with, and the branch sends again what is missing;
 * apply-written     a batch, its tables and the office's cursor are one transaction;
 * batch-applied     what comes again is known by its seq and hash, and is acknowledged again;
 * batch-answered    the same, of a batch that the branch knows to be acknowledged.
 * After each, while the head is dead: it has committed whatever a branch takes for acknowledged.
 */
const MOMENTS: readonly Moment[] = [
  'append-written',
  'append-committed',
  'run-read',
  'batch-received',
  'apply-written',
  'batch-applied',
  'batch-answered',
];
const KILLS = times(20, 1);
const MOST_PASSES = 4;

const full = companies({ head: 'postgresql', branches: { north: 'mariadb', west: 'sqlite' } });
let world: TrappedCompany;

afterEach(() => world.close(), 120_000);

describe.each(full)('a head on $head', (databases) => {
  it('loses and doubles nothing, wherever it is killed', async () => {
    world = await TrappedCompany.open(databases);
    const selling = world.sellers();
    const slot = full.indexOf(databases);
    for (let round = 0; round < KILLS; round++) {
      for (const [at, moment] of MOMENTS.entries()) {
        const isMine = share(KILLS, (slot + at) % full.length, full.length) > round;
        if (isMine) await world.kill(HEAD, moment, 1 + ((round + at) % MOST_PASSES));
      }
    }
    for (const [id, all] of selling) await stopSelling(all).then(() => reckon(world.company, id, all));
  }, 900_000);
});
