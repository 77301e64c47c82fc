import type { ServiceSchema } from 'moleculer';
import type { Office } from '../mixins/office.ts';
import type { Call, Page } from './call.ts';
import { datasetOf } from './dataset/dataset-of.ts';
import { type DeclarationView, viewDeclaration } from './dataset/declaration-view.ts';
import {
  POLICIES_CHANGED,
  policiesHistory,
  SET_POLICIES_PARAMS,
  setPolicies,
  type SetPoliciesParams,
} from './datasets/policies.ts';
import { applyChange } from './datasets/apply.ts';
import { type Plan, PLAN_PARAMS, planChange, type PlanParams } from './datasets/plan.ts';

/** What this office keeps: the declarations behind its other services. */
export function datasetsService(office: Office): ServiceSchema {
  return {
    name: 'datasets',
    actions: {
      list: {
        params: { $$strict: true },
        handler: (): Page<DeclarationView, string> => ({
          items: office.datasets.all.map((dataset) => viewDeclaration(dataset, office.datasets)),
          next: null,
        }),
      },
      get: {
        params: { $$strict: true, name: 'string' },
        handler: ({ params }: Call<{ name: string }>) =>
          viewDeclaration(datasetOf(office, params.name), office.datasets),
      },
      setPolicies: {
        params: { $$strict: true, ...SET_POLICIES_PARAMS },
        async handler(ctx: Call<SetPoliciesParams>) {
          const changed = await setPolicies(office, ctx);
          void ctx.emit(POLICIES_CHANGED, {});
          return changed;
        },
      },
      policies: {
        params: { $$strict: true, name: 'string' },
        handler: ({ params }: Call<{ name: string }>) => policiesHistory(office, params.name),
      },
      plan: {
        params: { $$strict: true, ...PLAN_PARAMS },
        handler: ({ params }: Call<PlanParams>): Promise<Plan> => planChange(office, params),
      },
      apply: {
        params: { $$strict: true, ...PLAN_PARAMS },
        handler: (ctx: Call<PlanParams>): Promise<Plan> => applyChange(office, ctx),
      },
    },
  };
}
