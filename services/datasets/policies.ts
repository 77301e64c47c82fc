import { readPoliciesChanged } from '../../domain/conflict/policies-in-force.ts';
import { CATALOGUE_KEY } from '../../domain/datasets/definitions.ts';
import { VOID_POLICIES } from '../../domain/datasets/declaration.ts';
import { byKey, shownByName, shownDataset } from '../../domain/datasets/shown.ts';
import { DomainError } from '../../domain/errors.ts';
import { POLICIES_CHANGED as CHANGED } from '../../domain/office/evolve.ts';
import type { Office } from '../../mixins/office.ts';
import { ANONYMOUS, type Call, type Page } from '../call.ts';
import { datasetOf } from '../dataset/dataset-of.ts';
import {
  type DeclarationView,
  type PoliciesView,
  viewDeclaration,
  viewPolicies,
} from '../dataset/declaration-view.ts';

export interface SetPoliciesParams {
  readonly name: string;
  readonly default?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly void?: string;
  /** Of the policies that whoever asks has looked at. */
  readonly version?: number;
}

export const SET_POLICIES_PARAMS = {
  name: 'string',
  default: { type: 'string', optional: true },
  fields: { type: 'object', optional: true, doc: { additionalProperties: { type: 'string' } } },
  void: { type: 'enum', values: [...VOID_POLICIES], optional: true },
  version: {
    type: 'number',
    integer: true,
    min: 1,
    optional: true,
    doc: { description: 'That the change is made to; refused when there is a newer one by now.' },
  },
} as const;

/** Told to whoever rules: what is open may come out otherwise now. */
export const POLICIES_CHANGED = 'policies.changed';

/** One version of a dataset's policies. */
export interface PoliciesVersion extends PoliciesView {
  /** When and by whom it was made; null for the one that is declared. */
  readonly at: string | null;
  readonly actor: string | null;
}

/**
 * What is left out stays as it is. Disputes that are open are ruled on anew.
 * @throws DomainError `only-at-the-head`, `unknown-dataset`, `invalid-input`, `dataset-changed`
 */
export async function setPolicies(office: Office, ctx: Call<SetPoliciesParams>): Promise<DeclarationView> {
  const { config, datasets } = office;
  const { name, version, fields, ...rest } = ctx.params;
  if (config.role !== 'head')
    throw new DomainError('only-at-the-head', 'Only the head changes policies; ask there', {
      office: config.office,
    });
  const dataset = datasetOf(office, name);
  const policies = { ...rest, ...(fields === undefined ? {} : { fields: byKey(dataset, fields) }) };
  const { actor = ANONYMOUS, idempotency } = ctx.meta;
  const { replayed } = await office.ledger().submit({
    command: {
      type: 'change-policies',
      ...CATALOGUE_KEY,
      changes: name,
      policies,
      ...(version === undefined ? {} : { expected: version }),
    },
    actor,
    ...(idempotency === undefined ? {} : { idempotency }),
  });
  if (replayed) ctx.meta.replayed = true;
  return viewDeclaration(datasets.named(name)!, datasets);
}

/** Oldest first: the one that is declared, and every change by the head. */
export async function policiesHistory(office: Office, name: string): Promise<Page<PoliciesVersion, string>> {
  const dataset = datasetOf(office, name);
  const { policies } = shownDataset(dataset);
  const rows = await office.ledger().read.eventsOfEntity(CATALOGUE_KEY);
  const changes = rows
    .filter(({ status, event }) => status === 'applied' && event.type === CHANGED)
    .flatMap(({ event: { data, at, actor } }): PoliciesVersion[] => {
      const changed = readPoliciesChanged(data);
      if (changed?.dataset !== name) return [];
      const fields = shownByName(dataset, changed.policies.fields);
      return [{ ...changed.policies, fields, at: at.slice(0, 24), actor }];
    });
  const declared = { ...viewPolicies(policies.declared ?? policies), at: null, actor: null };
  const later = changes.filter(({ version }) => version > declared.version);
  return { items: [declared, ...later.toSorted((a, b) => a.version - b.version)], next: null };
}
