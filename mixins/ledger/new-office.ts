import { START_OF_CHAIN } from '../../domain/chain.ts';
import { NOTHING_QUARANTINED, NOTHING_SAID } from '../../domain/sync/messages.ts';
import type { OfficeRow } from '../store/store.ts';

/** An office of which nothing is known but its name. */
export function newOffice(office: string, name: string, subscribe: 'own' | 'all', nowMs: number): OfficeRow {
  return {
    office,
    name,
    status: 'active',
    subscribe,
    cursor: START_OF_CHAIN,
    grantedEpoch: 1,
    session: 0,
    sessionConfirmed: true,
    instance: '',
    leaseUntilMs: 0,
    lastContactAtMs: 0,
    safeSeq: 0,
    addedAtMs: nowMs,
    quarantined: NOTHING_QUARANTINED,
    datasets: NOTHING_SAID,
  };
}
