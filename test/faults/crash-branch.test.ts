// kill -9 of branches at named moments, under load: of a sale, of its way up, and of what comes down.
import { afterEach, describe, it } from '@jest/globals';
import type { Moment } from '../../mixins/moments.ts';
import { companies, forRun, type Kills, share } from './pairs.ts';
import { stopSelling } from './seller.ts';
import { TrappedCompany } from './trapped.ts';

/**
 * How often at each moment, in all, and what keeps the promise there:
 * append-written    nobody is answered before the commit;
 * append-committed  the seller asks again with its key, which finds the event;
 * batch-read        what is to be sent is what the log holds beyond the head's cursor, not what a process remembers;
 * batch-published   the head passes over what comes twice, by its seq and hash;
 * batch-confirmed   a confirm is nothing: only the head's acknowledgement counts;
 * ack-heard         the next greeting brings the acknowledgement again;
 * apply-written     the feed's events and its cursor are one transaction.
 */
const KILLS = forRun<Kills>(
  {
    'append-written': 10, // and as often at the head
    'append-committed': 10,
    'batch-read': 14,
    'batch-published': 20,
    'batch-confirmed': 20,
    'ack-heard': 20,
    'apply-written': 8,
  },
  { 'append-written': 1, 'batch-published': 1, 'append-committed': 1, 'apply-written': 1 },
);
const MOST_PASSES = 3;

const full = companies({ head: 'mariadb', branches: { west: 'sqlite', east: 'postgresql' } });
let world: TrappedCompany;

afterEach(() => world.close(), 120_000);

describe.each(full)('branches of a head on $head', (databases) => {
  it('lose and double nothing, wherever they are killed', async () => {
    world = await TrappedCompany.open(databases);
    const selling = world.sellers();
    const first = full.indexOf(databases) * world.branches.length;
    await Promise.all(world.branches.map((id, number) => killAll(id, first + number)));
    for (const [id, all] of selling) await stopSelling(all).then(() => world.reckonOneLife(id, all));
  }, 900_000);
});

/** One branch after another begins with the next moment, so that they die at different ones. */
async function killAll(id: string, slot: number): Promise<void> {
  const slots = full.length * world.branches.length;
  const moments = Object.entries(KILLS) as [Moment, number][];
  for (let number = 0; number < moments.length; number++) {
    const at = (number + slot) % moments.length;
    const [moment, times] = moments[at]!;
    const kills = share(times, (slot + at) % slots, slots);
    for (let kill = 0; kill < kills; kill++) await world.kill(id, moment, 1 + ((slot + kill) % MOST_PASSES));
  }
}
