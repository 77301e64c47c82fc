import { ZERO_HASH } from '../../domain/chain.ts';
import { encodeEvent } from '../../domain/canonical.ts';
import type { DomainEvent, LoggedEvent } from '../../domain/event.ts';
import { EventPool } from './event-pool.ts';

function loggedBy(actor: string, hash = ZERO_HASH): LoggedEvent {
  const event: DomainEvent = {
    office: 'west',
    epoch: 1,
    seq: 1,
    id: '018f0000-0000-7000-8000-000000000000',
    dataset: 'sales',
    scope: 'west',
    entityId: 'sale-1',
    type: 'SaleVoided',
    version: 1,
    clock: { 'west@1': 1 },
    at: '2026-04-01T00:00:00.000Z/0000',
    actor,
    data: {},
  };
  return { event, bytes: encodeEvent(event), hash };
}

describe('an event that several disks hold', () => {
  it('is kept once', () => {
    const pool = new EventPool();
    const first = pool.kept(loggedBy('somebody'));

    const again = pool.kept(loggedBy('somebody'));

    expect(again).toBe(first);
  });

  it.each([
    ['says something else', loggedBy('somebody else')],
    ['stands elsewhere in the chain', loggedBy('somebody', new Uint8Array(32).fill(7))],
  ])('is its own where one of the same name %s', (_, other) => {
    const pool = new EventPool();
    pool.kept(loggedBy('somebody'));

    expect(pool.kept(other)).toEqual(other);
  });
});
