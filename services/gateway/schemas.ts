import { orNull, type Schema } from './json-schema.ts';

// What descriptions of answers are made of.
export const text: Schema = { type: 'string' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const flag: Schema = { type: 'boolean' };
export const moment: Schema = { type: 'string', format: 'date-time' };
export const hash: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
export const values: Schema = { type: 'object' };
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const oneOf = (...allowed: string[]): Schema => ({ type: 'string', enum: allowed });

/** Every member of the view, none forgotten: the compiler holds the description to what services answer. */
export function view<View>(
  properties: Record<keyof View, Schema>,
  optional: readonly (keyof View)[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name as keyof View));
  return { type: 'object', properties, required, additionalProperties: false };
}

export function page(items: Schema, next: Schema): Schema {
  return view<{ items: 0; next: 0; total: 0 }>({ items: list(items), next: orNull(next), total: count }, [
    'total',
  ]);
}
