import { carryingContract } from './link-carrying.ts';
import { feedContract } from './link-feed.ts';
import { handlersContract } from './link-handlers.ts';
import { officesContract } from './link-offices.ts';
import { stopContract } from './link-stop.ts';
import { troubleContract } from './link-trouble.ts';
import { type LinkWorld, Stage } from './link-world.ts';

/** What every link does, whatever it is made of. */
export function linkContract(name: string, createWorld: () => Promise<LinkWorld>): void {
  describe(`${name} link`, () => {
    const stage = new Stage(createWorld);
    beforeEach(() => stage.begin());
    afterEach(() => stage.end());

    carryingContract(stage);
    feedContract(stage);
    handlersContract(stage);
    officesContract(stage);
    troubleContract(stage);
    stopContract(stage);
  });
}
