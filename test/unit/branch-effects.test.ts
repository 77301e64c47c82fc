// What the effects of a branch's machine do to its database, in which order.
import { expect, it } from '@jest/globals';
import { START_OF_CHAIN } from '../../domain/chain.ts';
import { BranchEffects, type BranchEffectsOptions } from '../../mixins/sync/branch-effects.ts';

it('saves what is acknowledged before a greeting reads it', async () => {
  const calls: string[] = [];
  const branch = {
    saveAcked: async () => void calls.push('saveAcked'),
    greetingPosition: async () => void calls.push('greetingPosition'),
  };
  const effects = new BranchEffects({
    ledger: { office: 'west', branch },
    scheduler: { after: () => () => {} },
  } as unknown as BranchEffectsOptions);
  await effects.carryOut({ do: 'save-acked', acked: START_OF_CHAIN, safeSeq: 0 });
  expect(calls).toEqual([]); // put off
  await effects.carryOut({ do: 'read-greeting', nonce: 'n' });
  expect(calls).toEqual(['saveAcked', 'greetingPosition']);
});
