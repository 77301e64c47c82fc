import { BATCH_MAX_EVENTS } from '../../domain/sync/batch.ts';
import type { FeedRun } from '../../domain/sync/messages.ts';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { HeadLink } from '../../mixins/link/link.ts';
import { soleDuty } from '../../mixins/duty/duty.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import { Feeder } from '../../mixins/sync/feeder.ts';

interface Entry {
  readonly position: number;
  readonly event: { readonly office: string; readonly scope: string };
}

/** A head's log that notes what is read of it. */
class Log {
  readonly entries: Entry[] = [];
  readonly reads: { after: number; author: string | undefined }[] = [];
  readonly published: FeedRun[] = [];
  readonly feeder = new Feeder({
    ledger: this.#ledger(),
    link: this.#link(),
    duty: soleDuty,
    ports: machinePorts,
    onFailure: (error) => {
      throw error;
    },
  });

  add(office: string, scope = office): void {
    this.entries.push({ position: this.entries.length + 1, event: { office, scope } });
  }

  #ledger(): OfficeLedger {
    const logRow = async () => ({ position: this.entries.length, feedEpoch: 1, office: 'head' });
    const eventsByPosition = async (
      after: number,
      limit: { count: number },
      only: { author?: string } = {},
    ) => {
      this.reads.push({ after, author: only.author });
      const found = this.entries.filter(
        ({ position, event }) => position > after && event.office === (only.author ?? event.office),
      );
      return found.slice(0, limit.count);
    };
    return { read: { logRow, eventsByPosition } } as unknown as OfficeLedger;
  }

  #link(): HeadLink {
    const publishFeed = async (run: FeedRun) => void this.published.push(run);
    return { publishFeed } as unknown as HeadLink;
  }
}

/** One that has seen the end of an empty log. */
async function running(withAll: boolean): Promise<Log> {
  const log = new Log();
  log.feeder.setWithAll(withAll);
  log.feeder.restart();
  expect(await settled(log)).toEqual([]);
  return log;
}

/** What was published, once the feeder has come to rest: nothing here waits for anything but its turn. */
async function settled(log: Log): Promise<number[]> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  return log.published.splice(0).flatMap(({ events }) => events.map(({ position }) => position));
}

it('reads only the head’s own events while no branch has asked for all', async () => {
  const log = await running(false);
  for (let i = 0; i < 3; i++) log.add('west');
  log.add('head', 'west');
  log.add('east');
  log.feeder.wake();
  expect(await settled(log)).toEqual([4]);
  expect(new Set(log.reads.map(({ author }) => author))).toEqual(new Set(['head']));
});

it('does not look again at what it passed over', async () => {
  const log = await running(false);
  for (let i = 0; i < 3; i++) log.add('west');
  log.feeder.wake();
  expect(await settled(log)).toEqual([]);
  log.reads.length = 0;
  log.add('head', 'shared');
  log.feeder.wake();
  expect(await settled(log)).toEqual([4]);
  expect(log.reads[0]).toEqual({ after: 3, author: 'head' });
});

it('publishes everything, also more than one read brings, when a branch has asked for all', async () => {
  const log = await running(true);
  for (let i = 0; i < BATCH_MAX_EVENTS + 1; i++) log.add('west');
  log.feeder.wake();
  expect(await settled(log)).toHaveLength(BATCH_MAX_EVENTS + 1);
  expect(new Set(log.reads.map(({ author }) => author))).toEqual(new Set([undefined]));
});
