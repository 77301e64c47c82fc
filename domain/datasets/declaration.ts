import { z } from 'zod';
import { type CustomPolicy, FIELD_POLICIES, type FieldPolicy } from '../conflict/policy.ts';
import type { Dataset } from './dataset.ts';
import type { JsonValue } from '../event.ts';
import { flawOfPart, problemOf } from './flaw.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const COMPUTED_KINDS = 'integer, decimal, boolean, text, date, timestamp';

const FIELD_TYPES = {
  text: z.strictObject({ kind: z.literal('text'), maxLength: z.int() }),
  integer: z.strictObject({
    kind: z.literal('integer'),
    min: z.int().default(-MOST),
    max: z.int().default(MOST),
  }),
  decimal: z.strictObject({ kind: z.literal('decimal'), precision: z.int(), scale: z.int() }),
  date: z.strictObject({ kind: z.literal('date') }),
  timestamp: z.strictObject({ kind: z.literal('timestamp') }),
  boolean: z.strictObject({ kind: z.literal('boolean') }),
  enum: z.strictObject({ kind: z.literal('enum'), values: z.array(z.string()) }),
  reference: z.strictObject({ kind: z.literal('reference'), dataset: z.string() }),
};
const KINDS = `must be one of ${Object.keys(FIELD_TYPES).join(', ')}`;

const own = { required: z.boolean().default(false), label: z.string().optional() };
/** A field as it is written down. */
export const FIELD = z.discriminatedUnion(
  'kind',
  [
    FIELD_TYPES.text.extend(own),
    FIELD_TYPES.integer.extend(own),
    FIELD_TYPES.decimal.extend(own),
    FIELD_TYPES.date.extend(own),
    FIELD_TYPES.timestamp.extend(own),
    FIELD_TYPES.boolean.extend(own),
    FIELD_TYPES.enum.extend(own),
    FIELD_TYPES.reference.extend(own),
  ],
  { error: KINDS },
);

const COMPUTED_TYPE = z.discriminatedUnion(
  'kind',
  [
    FIELD_TYPES.text,
    FIELD_TYPES.integer,
    FIELD_TYPES.decimal,
    FIELD_TYPES.date,
    FIELD_TYPES.timestamp,
    FIELD_TYPES.boolean,
  ],
  { error: `must be one of ${COMPUTED_KINDS}` },
);

type Values = Readonly<Record<string, JsonValue>>;
type Rule = CustomPolicy['rule'];

const isFunction = (value: unknown): boolean => typeof value === 'function';
const compute = z.custom<(values: Values) => JsonValue>(isFunction, 'must be a function');
const rule = z.custom<Rule>(isFunction, 'must be a function');

export const POLICY_FUNCTION = z.strictObject({ name: z.string().min(1), rule });
const POLICY = z.union([z.enum(FIELD_POLICIES), POLICY_FUNCTION], {
  error: `must be one of ${FIELD_POLICIES.join(', ')}, or { name, rule }`,
});
export const VOID_POLICIES = ['void-wins', 'amend-wins', 'latest', 'manual'] as const;
const NO_FIELDS = {};

/** What stands in the file of a dataset. What is left out has a value that does no harm. */
export const DECLARATION = z.strictObject({
  name: z.string(),
  noun: z.string(),
  scope: z.enum(['office', 'shared'], 'must be office or shared').default('office'),
  version: z.int().default(1),
  fields: z.record(z.string(), FIELD),
  computed: z
    .record(z.string(), z.strictObject({ type: COMPUTED_TYPE, label: z.string().optional(), compute }))
    .default(NO_FIELDS),
  policies: z
    .strictObject({
      version: z.int().default(1),
      rows: z.literal('merge-fields', 'must be merge-fields').default('merge-fields'),
      default: POLICY.default('latest'),
      fields: z.record(z.string(), POLICY).default(NO_FIELDS),
      void: z.enum(VOID_POLICIES, `must be one of ${VOID_POLICIES.join(', ')}`).default('amend-wins'),
      custom: z.array(POLICY_FUNCTION).default([]),
    })
    .prefault({}),
});

/** How a dataset is written down, in TypeScript, JavaScript or JSON. */
export type DatasetDeclaration = z.input<typeof DECLARATION>;

/** The dataset, or everything that is wrong with its declaration: each a place in it and a reason. */
export function readDeclaration(declared: unknown): { dataset: Dataset } | { problems: string[] } {
  const parsed = DECLARATION.safeParse(declared, { error: flawOfPart });
  if (!parsed.success) return { problems: parsed.error.issues.map(problemOf) };
  const { fields, computed, ...rest } = parsed.data;
  return {
    dataset: {
      ...rest,
      fields: mapped(fields, (field, name) => ({ ...field, label: field.label ?? name })),
      computed: mapped(computed, ({ type, label, compute: pure }, name) => ({
        type,
        label: label ?? name,
        compute: (values: Values) => orNull(() => pure(values)),
      })),
      policies: {
        ...rest.policies,
        default: guarded(rest.policies.default),
        fields: mapped(rest.policies.fields, guarded),
        custom: rest.policies.custom.map(guarded),
      },
    },
  };
}

function mapped<From, To>(
  values: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}

/** A function of somebody else's that fails must not stop an office from selling: its value is unknown then. */
function orNull<T>(run: () => T): T | null {
  try {
    return run() ?? null;
  } catch {
    return null;
  }
}

/** One that fails leaves the case to a person. */
export function guarded<Policy extends FieldPolicy>(policy: Policy): Policy {
  if (typeof policy === 'string') return policy;
  const { name, rule: pure } = policy as CustomPolicy;
  return { name, rule: (...given: Parameters<Rule>) => orNull(() => pure(...given)) } as Policy;
}
