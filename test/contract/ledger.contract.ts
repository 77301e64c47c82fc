import type { DatabaseKind } from '../harness/environment.ts';
import { appendContract } from './ledger-append.ts';
import { copiesContract } from './ledger-copies.ts';
import { datasetsContract } from './ledger-datasets.ts';
import { discardContract } from './ledger-discard.ts';
import { feedContract } from './ledger-feed.ts';
import { greetingContract } from './ledger-greeting.ts';
import { headBatchContract } from './ledger-head-batch.ts';
import { headGreetingContract } from './ledger-head-greeting.ts';
import { headContract } from './ledger-head.ts';
import { refusalsContract } from './ledger-refusals.ts';
import { quarantineContract } from './ledger-quarantine.ts';
import { repairContract } from './ledger-repair.ts';
import { troubleContract } from './ledger-trouble.ts';
import { valuesContract } from './ledger-values.ts';
import { LedgerWorld } from './ledger-world.ts';

/** What an office's ledger promises, whatever the database. */
export function ledgerContract(kind: DatabaseKind): void {
  describe(`a ledger on ${kind}`, () => {
    const world = new LedgerWorld(kind);
    beforeAll(async () => {
      await (await world.office()).close(); // makes the tables
      await world.empty();
    });
    afterEach(() => world.empty());
    afterAll(() => world.close());

    appendContract(world);
    troubleContract(kind, world);
    refusalsContract(world);
    valuesContract(world);
    feedContract(world);
    repairContract(world);
    copiesContract(world);
    greetingContract(world);
    headBatchContract(world);
    headGreetingContract(world);
    headContract(world);
    quarantineContract(world);
    discardContract(world);
    datasetsContract(world);
  });
}
