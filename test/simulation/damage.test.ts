import { encodeEvent } from '../../domain/canonical.ts';
import { chainHash, ZERO_HASH } from '../../domain/chain.ts';
import { chainPage } from '../../domain/sync/batch.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import { tamperedWith } from './damage.ts';
import { Prng } from './prng.ts';

describe('a batch that somebody tampered with', () => {
  const data = { qty: 12, cost: '1' };
  const dot = { office: 'west', epoch: 1, seq: 1, clock: { 'west@1': 1 } };
  const at = '2026-04-01T00:00:00.000Z/0000';
  const id = '019d4a00-0000-7000-8000-000000000001';
  const what = { dataset: 'sales', scope: 'west', entityId: 'one', type: 'SaleAmended', version: 1, data };
  const bytes = encodeEvent({ ...what, ...dot, at, id, actor: 'till' });
  const after = chainHash(machinePorts, ZERO_HASH, bytes);
  const common = { office: 'west', instance: 'i', nonce: 'n', firstSeq: 1, before: ZERO_HASH, after };

  it('is mostly one in which only the hash can tell', () => {
    const chance = new Prng(7);
    const tampered = Array.from({ length: 100 }, () => {
      const message = tamperedWith({ kind: 'batch', ...common, events: [bytes] }, chance);
      return message.kind === 'batch' ? message.events : [];
    });
    const start = { seq: 0, hash: ZERO_HASH };
    const refusals = tampered.map((events) => {
      try {
        return chainPage(machinePorts, 'west', start, events, after);
      } catch (error) {
        return (error as Error).message;
      }
    });
    const byHash = refusals.filter((why) => String(why).includes('do not give the hash'));
    expect(byHash.length).toBeGreaterThan(40);
    expect(refusals.every((why) => typeof why === 'string')).toBe(true);
  });
});
