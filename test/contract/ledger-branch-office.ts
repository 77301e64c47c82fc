import { type ChainPoint, ZERO_HASH } from '../../domain/chain.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { FedEvent, FeedCursor } from '../../domain/sync/messages.ts';
import { allEvents } from './ledger-checks.ts';
import type { LedgerWorld, Office, OfficeOptions } from './ledger-world.ts';

export const START: FeedCursor = { feedEpoch: 1, position: 0, hash: ZERO_HASH };

export function fed(...events: (LoggedEvent & { at?: number })[]): FedEvent[] {
  return events.map(({ bytes, hash, at }, index) => ({ position: at ?? index + 1, bytes, hash }));
}

export function cursor(position: number, feedEpoch = 1): FeedCursor {
  return { feedEpoch, position, hash: new Uint8Array(32).fill(position) };
}

export function pointOf({ event, hash }: LoggedEvent): ChainPoint {
  return { epoch: event.epoch, seq: event.seq, hash };
}

/** West, which knows whose branch it is. */
export async function westOf(world: LedgerWorld, options: OfficeOptions = {}): Promise<Office> {
  const office = await world.office(options);
  await office.ledger.branch.locate('head', 1, 0);
  return office;
}

export const qtyOf = async ({ ledger }: Office, id: string) =>
  (await ledger.read.rowsById(sales, id))[0]?.values['qty'] ?? null;
export const statusesOf = async ({ ledger }: Office) => (await allEvents(ledger)).map(({ status }) => status);

/** Fails the next transaction just before it is committed. */
export function failing(): { failPoint: NonNullable<OfficeOptions['failPoint']>; fail: () => void } {
  let isDue = false;
  const failPoint = (name: string) => {
    if (name !== 'before-commit' || !isDue) return;
    isDue = false;
    throw new Error('the process ends here');
  };
  return { failPoint, fail: () => (isDue = true) };
}
