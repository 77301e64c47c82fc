import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../domain/errors.ts';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { HeadLink } from '../../mixins/link/link.ts';
import { createHeadSync } from '../../mixins/sync/head-sync.ts';
import { TestPorts } from './sync-ports.ts';

/** A head whose ledger and link are made of answers. */
function head(keepUp: () => Promise<void>) {
  const link = {
    isStopped: false,
    start: async () => undefined,
    stop: async () => void (link.isStopped = true),
  };
  const read = { logRow: async () => ({ tail: { seq: 0 } }), offices: async () => [] };
  const ledger = { read, keepUp, onCommitted: () => undefined };
  const alarms: unknown[] = [];
  const sync = createHeadSync({
    ledger: ledger as unknown as OfficeLedger,
    link: link as unknown as HeadLink,
    ports: new TestPorts(),
    onAlarm: (alarm) => alarms.push(alarm),
  });
  return { sync, link, alarms };
}

describe('a head that keeps up with another node', () => {
  it('takes nothing more from its line when it is stopped meanwhile', async () => {
    const { sync, link } = head(() => new Promise(() => {})); // a table that takes hours
    await sync.start();
    await sync.stop();
    expect(link.isStopped).toBe(true);
  });

  it('tells what it fails at', async () => {
    const { sync, alarms } = head(() => Promise.reject(new DomainError('no-table', 'It cannot be widened')));
    await sync.start();
    await sync.stop();
    expect(alarms).toEqual([{ type: 'no-table', detail: 'It cannot be widened' }]);
  });
});
