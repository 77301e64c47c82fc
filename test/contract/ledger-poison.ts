import type { LoggedEvent } from '../../domain/event.ts';
import { OfficeLog } from '../unit/sync-log.ts';

export const GOOD = {
  soldOn: '2026-04-01',
  product: 'Paper',
  region: 'West',
  qty: 73,
  cost: '12.95',
  tax: '66.17',
} as const;

/** A good sale, one amendment that no program knows, and a good one after it; and another sale. */
export function poisoned(): { west: OfficeLog; poison: LoggedEvent; after: LoggedEvent } {
  const west = new OfficeLog('west');
  west.records('a', { data: { ...GOOD } });
  const poison = west.writes({ entityId: 'a', type: 'SaleMelted', data: { qty: 1 } }, {});
  const after = west.amends('a', { qty: 5 }, {});
  west.records('b');
  return { west, poison, after };
}
