import type { ServiceSchema } from 'moleculer';
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
      officesChanged: {
        params: { $$strict: true },
        handler: async () => office.headSync()?.officesChanged(),
      },
    },
  };
}
