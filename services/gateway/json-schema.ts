import { countedFields } from '../../domain/datasets/counted.ts';
import type { Dataset, FieldType } from '../../domain/datasets/dataset.ts';

/** JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** A rule of fastest-validator: what checks a parameter also describes it. `doc` is added for people. */
interface Rule {
  readonly type: string;
  readonly optional?: boolean;
  readonly default?: unknown;
  readonly integer?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly values?: readonly unknown[];
  readonly strict?: boolean;
  readonly props?: Params;
  readonly items?: Rule | string;
  readonly doc?: Schema;
}
export type Params = Readonly<Record<string, unknown>>;

export function isRequired(rule: unknown): boolean {
  const { optional, default: preset } = ruleOf(rule);
  return optional !== true && preset === undefined;
}

export function schemaOfRule(given: unknown): Schema {
  const rule = ruleOf(given);
  const preset = rule.default === undefined ? {} : { default: rule.default };
  return { ...typeOf(rule), ...preset, ...rule.doc };
}

export function schemaOfParams(params: Params): Schema {
  const rules = Object.entries(params).filter(([name]) => !name.startsWith('$$'));
  const required = rules.filter(([, rule]) => isRequired(rule)).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(rules.map(([name, rule]) => [name, schemaOfRule(rule)])),
    ...(required.length === 0 ? {} : { required }),
    ...(params['$$strict'] === true ? { additionalProperties: false } : {}),
  };
}

function ruleOf(given: unknown): Rule {
  return typeof given === 'string' ? { type: given } : (given as Rule);
}

function typeOf({ type, integer, min, max, pattern, values, props, strict, items }: Rule): Schema {
  switch (type) {
    case 'number':
      return { type: integer ? 'integer' : 'number', ...some({ minimum: min, maximum: max }) };
    case 'boolean':
      return { type: 'boolean' };
    case 'enum':
      return { type: 'string', enum: values };
    case 'uuid':
      return { type: 'string', format: 'uuid' };
    case 'array':
      return {
        type: 'array',
        ...(items === undefined ? {} : { items: schemaOfRule(items) }),
        ...some({ maxItems: max }),
      };
    case 'object':
      return props === undefined
        ? { type: 'object' }
        : schemaOfParams({ ...props, ...(strict ? { $$strict: true } : {}) });
    case 'string':
      return { type: 'string', ...some({ minLength: min, maxLength: max, pattern: pattern?.source }) };
    default:
      return {};
  }
}

/** Without what is not there. */
function some(keywords: Schema): Schema {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));
}

/** What clients send for the fields of a dataset: all that are required, or only those to change. */
export function schemaOfFields(dataset: Dataset, isChange: boolean): Schema {
  const { fields } = dataset;
  const counted = isChange ? countedFields(dataset) : new Set<string>();
  const required = Object.keys(fields).filter(
    (name) => fields[name]!.required && fields[name]!.default === undefined,
  );
  const properties = Object.entries(fields).map(([name, field]) => {
    const schema = field.kind === 'decimal' ? givenDecimal(field) : schemaOfField(field);
    const value = field.required ? schema : orNull(schema);
    const preset = isChange || field.default === undefined ? {} : { default: field.default };
    return [
      name,
      { title: field.label, ...(counted.has(name) ? orAddition(field, value) : value), ...preset },
    ];
  });
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as object,
    ...(isChange ? {} : { required }),
    additionalProperties: false,
  };
}

/** Of a counted field, a change may say what is added to whatever is there. */
function orAddition({ kind }: FieldType, value: Schema): Schema {
  const add: Schema = {
    type: 'object',
    properties: { add: { type: kind === 'integer' ? 'integer' : ['string', 'number'] } },
    required: ['add'],
    additionalProperties: false,
  };
  return { anyOf: [value, add] };
}

/** A field's values as answers show them. */
export function schemaOfField(type: FieldType): Schema {
  switch (type.kind) {
    case 'text':
      return { type: 'string', maxLength: type.maxLength };
    case 'integer':
      return { type: 'integer', minimum: type.min, maximum: type.max };
    case 'decimal':
      return { type: 'string', pattern: decimalPattern(type) };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamp':
      return { type: 'string', format: 'date-time' };
    case 'boolean':
      return { type: 'boolean' };
    case 'enum':
      return { type: 'string', enum: type.values };
    case 'reference':
      return {
        type: 'string',
        description: `The id of one of ${type.dataset}, which need not be known here yet.`,
      };
  }
}

type DecimalType = Extract<FieldType, { kind: 'decimal' }>;

function givenDecimal(type: DecimalType): Schema {
  const description = 'Text, so that it stays exact; a JSON number is taken only where it is exact, too.';
  return { type: ['string', 'number'], pattern: decimalPattern(type), description };
}

function decimalPattern({ precision, scale }: DecimalType): string {
  return `^[+-]?\\d{1,${precision - scale}}(\\.\\d{1,${scale}})?$`;
}

export function orNull(schema: Schema): Schema {
  const values = schema['enum'] as readonly unknown[] | undefined;
  const type = [schema['type'], 'null'].flat();
  return { ...schema, type, ...(values === undefined ? {} : { enum: [...values, null] }) };
}

/** A value that a field takes, for examples. */
export function exampleOf(type: FieldType): unknown {
  switch (type.kind) {
    case 'text':
    case 'reference':
      return 'Paper';
    case 'integer':
      return 73;
    case 'decimal':
      return '12.95';
    case 'date':
      return '2026-04-01';
    case 'timestamp':
      return '2026-04-01T09:30:00.000Z';
    case 'boolean':
      return true;
    case 'enum':
      return type.values[0];
  }
}
