import type { ServiceSchema } from 'moleculer';
import type { Office } from '../mixins/office.ts';
import type { Call } from './call.ts';

const LONGEST_DEADLINE_MS = 3_600_000;
const MILLISECONDS = { type: 'number', integer: true, min: 1, max: LONGEST_DEADLINE_MS, optional: true };
/** The action answers before Moleculer gives it up. */
const MARGIN_MS = 60_000;

/** The branch's end of the link. At the head only `status` answers. */
export function syncService(office: Office): ServiceSchema {
  return {
    name: 'sync',
    actions: {
      status: {
        params: { $$strict: true },
        handler: () => office.syncStatus(),
      },
      /** Drains both ways. */
      now: {
        ...{ timeout: LONGEST_DEADLINE_MS + MARGIN_MS }, // Moleculer’s types do not know it
        params: {
          $$strict: true,
          deadlineMs: MILLISECONDS,
          patienceMs: MILLISECONDS,
        },
        handler: (ctx: Call<{ deadlineMs?: number; patienceMs?: number }>) =>
          office.branchSync().now(ctx.params.deadlineMs, ctx.params.patienceMs),
      },
      /** Makes a fenced copy the office, unless the other one is alive. */
      claim: {
        ...{ timeout: LONGEST_DEADLINE_MS + MARGIN_MS },
        params: { $$strict: true, deadlineMs: MILLISECONDS },
        handler: (ctx: Call<{ deadlineMs?: number }>) => office.branchSync().claim(ctx.params.deadlineMs),
      },
      pause: {
        params: { $$strict: true },
        handler: () => office.branchSync().pause(),
      },
      resume: {
        params: { $$strict: true },
        handler: () => office.branchSync().resume(),
      },
    },
  };
}
