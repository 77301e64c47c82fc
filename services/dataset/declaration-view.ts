import { nameOfPolicy } from '../../domain/conflict/policies-in-force.ts';
import type { VoidPolicy } from '../../domain/conflict/policy.ts';
import type { JsonValue } from '../../domain/event.ts';
import type { Dataset, FieldType } from '../../domain/datasets/dataset.ts';
import type { Unfit } from '../../domain/datasets/definitions.ts';
import type { Office } from '../../mixins/office.ts';
import { formerNames, shownDataset, shownName } from '../../domain/datasets/shown.ts';

/** A dataset as this office knows it, for programs. Functions are given by their names. */
export interface DeclarationView {
  readonly name: string;
  readonly noun: string;
  readonly scope: Dataset['scope'];
  readonly version: number;
  readonly fields: readonly FieldView[];
  /** Names of fields that nobody writes any more. What was written is kept. */
  readonly retired: readonly string[];
  /** Names that fields had, and that none has now -> what the field is called now. */
  readonly formerNames: Readonly<Record<string, string>>;
  readonly policies: PoliciesView;
  /** Changes by the head that are not carried out at this office. */
  readonly unfit: readonly Pick<Unfit, 'version' | 'reason'>[];
}

export type FieldView = FieldType & {
  /** As clients call it. */
  readonly name: string;
  /** Under which it stands in events and in the database: the name that it was first declared with. */
  readonly key: string;
  readonly label: string;
  /** Shown where nobody wrote it. */
  readonly default?: JsonValue;
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

export function viewDeclaration(
  dataset: Dataset,
  { unfit }: Pick<Office['datasets'], 'unfit'>,
): DeclarationView {
  const { name, noun, scope, version, fields, computed } = dataset;
  const given = Object.entries(fields)
    .filter(([, { retired }]) => retired !== true)
    .map(([key, field]): FieldView => ({ key, ...field, name: field.name ?? key, computed: false }));
  const retired = Object.keys(fields).filter((key) => fields[key]!.retired === true);
  const derived = Object.entries(computed).map(([field, { type, label }]): FieldView => ({
    key: field,
    name: field,
    label,
    ...type,
    required: false,
    computed: true,
  }));
  const policies = viewPolicies(shownDataset(dataset).policies);
  return {
    ...{ name, noun, scope, version, policies },
    fields: [...given, ...derived],
    retired: retired.map((key) => shownName(dataset, key)),
    formerNames: viewFormerNames(dataset),
    unfit: unfit
      .filter((one) => one.dataset === name)
      .map(({ version: to, reason }) => ({ version: to, reason })),
  };
}

function viewFormerNames(dataset: Dataset): Record<string, string> {
  const kept = [...formerNames(dataset)].filter(([, key]) => dataset.fields[key]!.retired !== true);
  return Object.fromEntries(kept.map(([name, key]) => [name, shownName(dataset, key)]));
}

export function viewPolicies({
  version,
  default: preset,
  fields,
  void: ofVoid,
}: Dataset['policies']): PoliciesView {
  const named = Object.entries(fields).map(([field, policy]) => [field, nameOfPolicy(policy)]);
  return {
    version,
    default: nameOfPolicy(preset),
    fields: Object.fromEntries(named) as PoliciesView['fields'],
    void: ofVoid,
  };
}
