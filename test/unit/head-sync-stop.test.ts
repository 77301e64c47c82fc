import { expect, it } from '@jest/globals';
import type { OfficeLedger } from '../../mixins/ledger/create-ledger.ts';
import type { HeadLink } from '../../mixins/link/link.ts';
import { createHeadSync } from '../../mixins/sync/head-sync.ts';
import { TestPorts } from './sync-ports.ts';

it('a head that stops while it keeps up with another node takes nothing more from its line', async () => {
  let isStopped = false;
  const link = { start: async () => undefined, stop: async () => void (isStopped = true) };
  const read = { logRow: async () => ({ tail: { seq: 0 } }), offices: async () => [] };
  const keepUp = () => new Promise(() => {}); // a table that takes hours
  const ledger = { read, keepUp, onCommitted: () => undefined };
  const head = createHeadSync({
    ledger: ledger as unknown as OfficeLedger,
    link: link as unknown as HeadLink,
    ports: new TestPorts(),
  });
  await head.start();
  await head.stop();
  expect(isStopped).toBe(true);
});
