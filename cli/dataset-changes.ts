import { readFile } from 'node:fs/promises';
import { valueFromText } from '../domain/datasets/from-text.ts';
import type { FieldType } from '../domain/datasets/dataset.ts';
import type { SchemaChangeInput } from '../domain/datasets/schema-change.ts';
import { DomainError } from '../domain/errors.ts';

export interface ChangeOptions {
  readonly addField?: string[];
  readonly default?: string[];
  readonly required?: string[];
  readonly rename?: string[];
  readonly widen?: string[];
  readonly optional?: string[];
  readonly retire?: string[];
  readonly addValue?: string[];
}

/** As an office is asked for it. */
export interface ChangeRequest {
  readonly dataset: string;
  readonly changes: readonly unknown[];
}

const RANGE = /^(-?\d+)\.\.(-?\d+)$/;

/** `sales` with options, or a file: `{"dataset":"sales","changes":[...]}`, or the declaration of a new dataset. */
export async function changeRequest(target: string, options: ChangeOptions): Promise<ChangeRequest> {
  const changes = changesOf(options);
  if (!target.endsWith('.json')) {
    if (/[./]/.test(target)) throw usage(`"${target}" is no dataset; a file must end in .json`);
    if (changes.length > 0) return { dataset: target, changes };
    throw usage('Say what to change, for example --add-field channel=enum:shop,web --default shop');
  }
  if (changes.length > 0) throw usage('A file says all that is to change: leave the options out');
  const read = await jsonOf(target);
  if (typeof read['noun'] === 'string')
    return { dataset: String(read['name']), changes: [{ kind: 'add-dataset', declaration: read }] };
  const { dataset, changes: written } = read;
  if (typeof dataset === 'string' && Array.isArray(written)) return { dataset, changes: written };
  throw usage(
    `${target} must hold {"dataset": "sales", "changes": [...]} or the declaration of a new dataset`,
  );
}

async function jsonOf(path: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new DomainError(
      'unreadable-file',
      `The file "${path}" cannot be read: ${(error as Error).message}`,
      {
        path,
      },
    );
  }
}

function changesOf(options: ChangeOptions): SchemaChangeInput[] {
  const { rename = [], widen = [], optional = [], retire = [], addValue = [] } = options;
  return [
    ...addedFields(options),
    ...pairs(rename).map(([field, to]) => ({ kind: 'rename-field', field, to }) as const),
    ...pairs(widen).map(([field, to]) => ({ kind: 'widen-field', field, to: limitsOf(field, to) }) as const),
    ...optional.map((field) => ({ kind: 'make-optional', field }) as const),
    ...retire.map((field) => ({ kind: 'retire-field', field }) as const),
    ...pairs(addValue).map(
      ([field, value]) => ({ kind: 'add-values', field, values: value.split(',') }) as const,
    ),
  ];
}

function addedFields(options: ChangeOptions): SchemaChangeInput[] {
  const fields = pairs(options.addField ?? []);
  const names = fields.map(([field]) => field);
  const defaults = defaultsOf(names, options.default ?? []);
  const required = new Set(options.required ?? []);
  const strange = [...defaults.keys(), ...required].find((field) => !names.includes(field));
  if (strange !== undefined) throw usage(`"${strange}" is not among what --add-field adds`);
  return fields.map(([field, text]) => {
    const type = typeOf(field, text);
    const given = defaults.get(field);
    const preset = given === undefined ? {} : { default: valueFromText(type as FieldType, given) as string };
    return { kind: 'add-field', field, type: { ...type, required: required.has(field) }, ...preset };
  });
}

/** `--default shop` where one field is added, `--default channel=shop` otherwise. */
function defaultsOf(fields: readonly string[], given: readonly string[]): Map<string, string> {
  const [only] = fields;
  const isOne = fields.length === 1 && given.length === 1 && !given[0]!.startsWith(`${only}=`);
  return new Map(isOne ? [[only!, given[0]!]] : pairs(given));
}

type TypeInput = Extract<SchemaChangeInput, { kind: 'add-field' }>['type'];

/** `text:200`, `integer`, `integer:0..100`, `decimal:18,4`, `enum:shop,web`, `reference:products`, `date`, ... */
function typeOf(field: string, text: string): TypeInput {
  const [kind = '', limits = ''] = split(text, ':');
  switch (kind) {
    case 'text':
      return { kind, maxLength: whole(field, limits) };
    case 'integer':
      return { kind, ...(limits === '' ? {} : rangeOf(field, limits)) };
    case 'decimal': {
      const [precision = '', scale = ''] = split(limits, ',');
      return { kind, precision: whole(field, precision), scale: whole(field, scale) };
    }
    case 'enum':
      return { kind, values: limits.split(',') };
    case 'reference':
      return { kind, dataset: limits };
    case 'date':
    case 'timestamp':
    case 'boolean':
      return { kind };
    default:
      throw usage(
        `"${field}" is of no known kind: text:200, integer, integer:0..100, decimal:18,4, date, timestamp, ` +
          `boolean, enum:one,other or reference:products`,
      );
  }
}

function limitsOf(field: string, text: string) {
  const [kind = '', limits = ''] = split(text, ':');
  if (kind === 'text' && isWhole(limits)) return { maxLength: Number(limits) };
  if (kind === 'decimal' && isWhole(limits)) return { precision: Number(limits) };
  if (kind === 'integer') return rangeOf(field, limits);
  throw usage(
    `"${field}" is widened with text:400, decimal:18 or integer:0..1000; a decimal keeps the places after its point`,
  );
}

function rangeOf(field: string, text: string): { min: number; max: number } {
  const [, min, max] = RANGE.exec(text) ?? [];
  if (min === undefined || max === undefined) throw usage(`"${field}" needs a range such as integer:0..100`);
  return { min: Number(min), max: Number(max) };
}

function whole(field: string, text: string): number {
  if (isWhole(text)) return Number(text);
  throw usage(`"${field}" needs a number: text:200, decimal:18,4`);
}

function isWhole(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

function split(text: string, at: string): [string, string] {
  const place = text.indexOf(at);
  return place < 0 ? [text, ''] : [text.slice(0, place), text.slice(place + 1)];
}

/** One to an argument: commas belong to what stands behind the sign. */
function pairs(texts: readonly string[]): [string, string][] {
  return texts.map((text) => {
    const [name, value] = split(text, '=');
    if (name !== '' && value !== '') return [name, value];
    throw usage(`"${text}" is not NAME=VALUE`);
  });
}

function usage(message: string): DomainError {
  return new DomainError('usage', message);
}
