import type { Dataset, Field, FieldType } from '../../domain/datasets/dataset.ts';
import type { Plan } from '../datasets/plan.ts';
import type { DeclarationView, PoliciesView } from '../dataset/declaration-view.ts';
import type { PoliciesVersion } from '../datasets/policies.ts';
import { orNull, type Schema, schemaOfField } from './json-schema.ts';
import { count, flag, list, moment, oneOf, page, ref, text, values, view } from './schemas.ts';

const POLICIES: Record<keyof PoliciesView, Schema> = {
  version: count,
  default: text,
  fields: values,
  void: text,
};

/** Of what is declared. */
export const DECLARATION_ANSWERS: Readonly<Record<string, Schema>> = {
  Dataset: view<DeclarationView>({
    name: text,
    noun: { ...text, description: 'Its events are called after it: `Sale` gives `SaleRecorded`.' },
    scope: {
      ...oneOf('office', 'shared'),
      description: '`office`: each belongs to one office. `shared`: to all, and the head writes it.',
    },
    version: count,
    fields: list({
      type: 'object',
      properties: {
        name: { ...text, description: 'As clients call it.' },
        key: { ...text, description: 'Its name in events and in the database, which stays.' },
        label: text,
        kind: text,
        required: flag,
        computed: flag,
        default: { description: 'Shown where nobody wrote it, and recorded where nothing is said.' },
      },
      required: ['name', 'key', 'label', 'kind', 'required', 'computed'],
    }),
    retired: { ...list(text), description: 'Fields that nobody writes any more; what was written is kept.' },
    formerNames: {
      type: 'object',
      additionalProperties: text,
      description: 'Names that fields had, and that none has now, with what the field is called now.',
    },
    policies: view<PoliciesView>(POLICIES),
    unfit: {
      ...list(view<DeclarationView['unfit'][number]>({ version: count, reason: text })),
      description: 'Changes by the head that are not carried out at this office, and why.',
    },
  }),
  DatasetPage: page(ref('Dataset'), text),
  PoliciesVersion: view<PoliciesVersion>({
    ...POLICIES,
    at: { ...orNull(moment), description: 'null for the policies that are declared.' },
    actor: orNull(text),
  }),
  PoliciesPage: page(ref('PoliciesVersion'), text),
  DatasetPlan: view<Plan>({
    dataset: text,
    from: { ...orNull(count), description: 'Its version before; null for one that is added.' },
    to: count,
    changes: list({ type: 'object' }),
    databases: {
      ...list(
        view<Plan['databases'][number]>({
          family: oneOf('sqlite', 'postgresql', 'mariadb', 'mysql'),
          statements: list(text),
        }),
      ),
      description:
        'What each family of databases runs, nothing where there is room already; empty when it cannot be told any more.',
    },
    waiting: {
      ...list(view<Plan['waiting'][number]>({ office: text, reason: text })),
      description: 'Offices that do not take the change up when it reaches them; they sell on as before.',
    },
  }),
};

/** Of the entities of one dataset. */
export function datasetAnswers(dataset: Dataset): Record<string, Schema> {
  const { name, fields, computed } = dataset;
  const given = Object.entries(fields).map(([field, { label, ...type }]) => [field, shown(label, type)]);
  const derived = Object.entries(computed).map(([field, { label, type }]) => [
    field,
    { ...orNull(shown(label, type)), readOnly: true },
  ]);
  const properties = {
    id: text,
    ...(Object.fromEntries([...given, ...derived]) as Record<string, Schema>),
    office: { ...text, description: 'Whose it is.' },
    createdAt: moment,
    updatedAt: moment,
    deletedAt: orNull(moment),
    conflicted: flag,
  };
  const entity = {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
  return { [name]: entity, [`${name}Page`]: page(ref(name), text) };
}

function shown(title: string, type: FieldType | Field): Schema {
  const schema = schemaOfField(type);
  return { title, ...('required' in type && !type.required ? orNull(schema) : schema) };
}
