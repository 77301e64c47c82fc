import type { DatabaseKind } from '../harness/environment.ts';
import { casesContract } from './store-cases.ts';
import { digestsContract } from './store-digests.ts';
import { entitiesContract } from './store-entities.ts';
import { evolveContract } from './store-evolve.ts';
import { eventsContract } from './store-events.ts';
import { lateContract } from './store-late.ts';
import { logContract } from './store-log.ts';
import { millionContract } from './store-million.ts';
import { officesContract } from './store-offices.ts';
import { openingContract } from './store-opening.ts';
import { rowsContract } from './store-rows.ts';
import { transactionContract } from './store-transactions.ts';
import { verifyContract } from './store-verify.ts';
import { waitingContract } from './store-waiting.ts';
import { StoreWorld } from './store-world.ts';

/** What a store promises, whatever the database. */
export function storeContract(kind: DatabaseKind): void {
  describe(`a store on ${kind}`, () => {
    const world = new StoreWorld(kind);
    beforeEach(() => world.begin());
    afterEach(() => world.end());

    openingContract(world);
    logContract(world);
    officesContract(world);
    eventsContract(world);
    verifyContract(world);
    lateContract(world);
    waitingContract(world);
    entitiesContract(world);
    rowsContract(world);
    evolveContract(world);
    millionContract(world);
    casesContract(world);
    digestsContract(world);
    transactionContract(world);
  });
}
