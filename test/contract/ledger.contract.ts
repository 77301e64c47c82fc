import type { DatabaseKind } from '../harness/environment.ts';
import { appendContract } from './ledger-append.ts';
import { branchContract } from './ledger-branch.ts';
import { headContract } from './ledger-head.ts';
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

    appendContract(kind, world);
    valuesContract(world);
    branchContract(world);
    headContract(world);
  });
}
