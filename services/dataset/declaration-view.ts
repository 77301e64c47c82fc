import { nameOfPolicy } from '../../domain/conflict/policies-in-force.ts';
import type { VoidPolicy } from '../../domain/conflict/policy.ts';
import type { Dataset, FieldType } from '../../domain/datasets/dataset.ts';

/** A dataset as this office knows it, for programs. Functions are given by their names. */
export interface DeclarationView {
  readonly name: string;
  readonly noun: string;
  readonly scope: Dataset['scope'];
  readonly version: number;
  readonly fields: readonly FieldView[];
  readonly policies: PoliciesView;
}

export type FieldView = FieldType & {
  readonly name: string;
  readonly label: string;
  /** Whether a new entity must have it; never one that is computed. */
  readonly required: boolean;
  /** Worked out from the others. */
  readonly computed: boolean;
};

export interface PoliciesView {
  readonly version: number;
  readonly default: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly void: VoidPolicy;
}

export function viewDeclaration({ fields, computed, policies, ...dataset }: Dataset): DeclarationView {
  const { name, noun, scope, version } = dataset;
  const given = Object.entries(fields).map(([field, type]): FieldView => ({
    name: field,
    ...type,
    computed: false,
  }));
  const derived = Object.entries(computed).map(([field, { type, label }]): FieldView => ({
    name: field,
    label,
    ...type,
    required: false,
    computed: true,
  }));
  return { name, noun, scope, version, fields: [...given, ...derived], policies: viewPolicies(policies) };
}

export function viewPolicies({ version, default: preset, fields, void: ofVoid }: Dataset['policies']): PoliciesView {
  const named = Object.entries(fields).map(([field, policy]) => [field, nameOfPolicy(policy)]);
  return {
    version,
    default: nameOfPolicy(preset),
    fields: Object.fromEntries(named) as PoliciesView['fields'],
    void: ofVoid,
  };
}
