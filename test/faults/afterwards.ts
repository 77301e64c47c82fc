// What a fault test has started ends with the test, however that ends: the latest first.
import { afterEach } from '@jest/globals';
import type { OfficeProcess } from '../e2e/office-process.ts';
import { eventually } from '../harness/wait.ts';
import { answeredBy, type Seller, sellers, stopSelling } from './seller.ts';

type Ending = { close(): Promise<void> } | { remove(): Promise<void> } | { drop(): Promise<void> };

const endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
}, 180_000);

export function afterwards<T extends Ending>(thing: T): T {
  endings.push(() => {
    if ('close' in thing) return thing.close();
    return 'remove' in thing ? thing.remove() : thing.drop();
  });
  return thing;
}

/** Sellers who stop at the latest with the test. */
export function selling(office: OfficeProcess, count: number, pauseMs = 0): Seller[] {
  const all = sellers(office, count, pauseMs);
  endings.push(() => stopSelling(all, 0));
  return all;
}

/** Waits until so many more of their commands were answered. */
export async function sold(all: readonly Seller[], commands = 30, deadlineMs = 90_000): Promise<void> {
  const before = answeredBy(all);
  await eventually(() => {
    const more = answeredBy(all) - before;
    if (more < commands) throw new Error(`only ${more} of ${commands} commands were answered`);
  }, deadlineMs);
}
