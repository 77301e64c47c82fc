import { createInProcessHub } from '../../mixins/link/in-process.ts';
import { linksUnderTest } from '../harness/environment.ts';
import { linkContract } from './link.contract.ts';
import { FEED_QUEUE_BYTES, type LinkWorld } from './link-world.ts';

async function createWorld(): Promise<LinkWorld> {
  const hub = createInProcessHub({ feedQueueBytes: FEED_QUEUE_BYTES, stopMs: 500, retryMs: 10 });
  return {
    head: () => hub.headLink(),
    branch: (office, instance) => hub.branchLink(office, instance),
    cut: (office) => hub.cut(office),
    join: (office) => hub.join(office),
    wipe: async () => hub.wipe(),
    close: async () => {},
  };
}

if (linksUnderTest().includes('in-process')) linkContract('in-process', createWorld);
else it.skip('the in-process link is not among BRANCHLINE_TEST_LINKS', () => {});
