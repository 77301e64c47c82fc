// kill -9 of the head at named moments, under load: of its own sales, and of what comes up from the branches.
import { afterEach, describe, it } from '@jest/globals';
import type { Moment } from '../../mixins/moments.ts';
import { HEAD } from './company.ts';
import { companies, forRun, type Kills, share } from './pairs.ts';
import { stopSelling } from './seller.ts';
import { TrappedCompany } from './trapped.ts';

/**
 * How often at each moment, in all, and what keeps the promise there:
 * append-written    nobody is answered before the commit;
 * append-committed  the seller asks again with its key, which finds the event;
 * run-read          the feed is only a hint: a branch that missed a run pulls from its cursor;
 * batch-received    the broker keeps a batch until it is dealt with, and the branch sends again what is missing;
 * apply-written     a batch, its tables and the office's cursor are one transaction;
 * batch-applied     what comes again is known by its seq and hash, and is acknowledged again;
 * batch-answered    the same, of a batch that the branch knows to be acknowledged.
 * After each, while the head is dead: it has committed whatever a branch takes for acknowledged.
 */
const KILLS = forRun<Kills>(
  {
    'append-written': 10, // and as often at branches
    'append-committed': 10,
    'run-read': 8,
    'batch-received': 20,
    'apply-written': 14,
    'batch-applied': 20,
    'batch-answered': 20,
  },
  { 'append-committed': 1, 'batch-received': 1, 'apply-written': 1, 'batch-applied': 1 },
);
const MOST_PASSES = 4;

const full = companies({ head: 'postgresql', branches: { north: 'mariadb' } });
let world: TrappedCompany;

afterEach(() => world.close(), 120_000);

describe.each(full)('a head on $head', (databases) => {
  it('loses and doubles nothing, wherever it is killed', async () => {
    world = await TrappedCompany.open(databases);
    const selling = world.sellers();
    await killAll(full.indexOf(databases));
    for (const [id, all] of selling) await stopSelling(all).then(() => world.reckonOneLife(id, all));
  }, 900_000);
});

/** One moment after another, round by round. */
async function killAll(slot: number): Promise<void> {
  const moments = Object.entries(KILLS) as [Moment, number][];
  const rounds = Math.max(...moments.map(([, times]) => times));
  for (let round = 0; round < rounds; round++) {
    for (const [at, [moment, times]] of moments.entries()) {
      if (share(times, (slot + at) % full.length, full.length) <= round) continue;
      await world.kill(HEAD, moment, 1 + ((round + at) % MOST_PASSES));
    }
  }
}
