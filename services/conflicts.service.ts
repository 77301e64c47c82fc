import type { Context, ServiceBroker, ServiceSchema } from 'moleculer';
import type { Office } from '../mixins/office.ts';
import type { Call } from './call.ts';
import { NOTE_PARAMS, noteOnCase, type NoteParams } from './conflicts/note-on-case.ts';
import { LIST_PARAMS, listCases, type ListParams, showCase } from './conflicts/find-cases.ts';
import { OverdueWatch } from './conflicts/overdue.ts';
import { Resolver } from './conflicts/resolver.ts';
import { overrule, resolve, RESOLVE_PARAMS, type ResolveParams } from './conflicts/rule-by-hand.ts';
import { BULK_PARAMS, type BulkParams, resolveAll } from './conflicts/rule-in-bulk.ts';
import { TRY_PARAMS, tryPolicies, type TryParams } from './conflicts/try-policies.ts';
import { POLICIES_CHANGED } from './datasets/policies.ts';

const CHANGED = 'conflicts.changed';

/** Conflicts: every office shows them; the head rules, by policy at once and by hand when asked. */
export function conflictsService(office: Office): ServiceSchema {
  let resolver: Resolver | null = null;
  let overdue: OverdueWatch | null = null;
  return {
    name: 'conflicts',
    actions: {
      list: {
        params: { $$strict: true, ...LIST_PARAMS },
        handler: (ctx: Call<ListParams>) => listCases(office, ctx.params),
      },
      get: {
        params: { $$strict: true, id: 'string' },
        handler: (ctx: Call<{ id: string }>) => showCase(office, ctx.params.id),
      },
      resolve: {
        params: { $$strict: true, ...RESOLVE_PARAMS },
        handler: (ctx: Call<ResolveParams>) => resolve(office, ctx),
      },
      resolveAll: {
        params: { $$strict: true, ...BULK_PARAMS },
        handler: (ctx: Call<BulkParams>) => resolveAll(office, ctx),
      },
      try: {
        params: { $$strict: true, ...TRY_PARAMS },
        handler: (ctx: Call<TryParams>) => tryPolicies(office, ctx.params),
      },
      overrule: {
        params: { $$strict: true, ...RESOLVE_PARAMS },
        handler: (ctx: Call<ResolveParams>) => overrule(office, ctx),
      },
      note: {
        params: { $$strict: true, ...NOTE_PARAMS },
        handler: (ctx: Call<NoteParams>) => noteOnCase(office, ctx),
      },
    },
    events: {
      /** Emitted, not broadcast: of several nodes one looks. */
      async [CHANGED](ctx: Context<{ cases: string[] }>) {
        await resolver?.look(ctx.params.cases);
      },
      async [POLICIES_CHANGED]() {
        await resolver?.sweep();
      },
    },
    started(this: { broker: ServiceBroker }) {
      if (office.config.role !== 'head' || office.looksOnly) return;
      resolver = new Resolver(office, this.broker.getLogger('resolver'));
      overdue = new OverdueWatch(office, this.broker.getLogger('conflicts'));
      office.onOpened(() => {
        void resolver?.sweep();
        void overdue?.look();
      });
      office.onCommitted(({ cases }) => {
        if (cases.length > 0) void this.broker.emit(CHANGED, { cases });
      });
    },
    stopped() {
      resolver?.stop();
      overdue?.stop();
    },
  };
}
