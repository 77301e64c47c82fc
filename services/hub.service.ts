import type { Context, ServiceSchema } from 'moleculer';
import type { Office } from '../mixins/office.ts';

/** The head's end of the link: whom it has heard from. */
export function hubService(office: Office): ServiceSchema {
  return {
    name: 'hub',
    actions: {
      status: {
        params: { $$strict: true },
        handler: () => office.syncStatus(),
      },
      contacts: {
        params: { $$strict: true },
        handler: () => Object.fromEntries(office.headSync()?.contacts() ?? []),
      },
    },
    events: {
      /** Broadcast: every node of the head has an end of the link. Only the one that was asked can tell of a failure. */
      async 'offices.changed'(ctx: Context) {
        await office
          .headSync()
          ?.officesChanged()
          .catch((error: unknown) => {
            if (ctx.nodeID === ctx.broker.nodeID) throw error;
            ctx.broker
              .getLogger('office')
              .error('An office was added or retired, and this node failed:', error);
          });
      },
    },
  };
}
