import type { Dataset, FieldType } from '../../domain/datasets/dataset.ts';
import type { Rest, RouteTable } from './routes.ts';

/** A description of the routes for programs (OpenAPI 3.1), made from the declarations. */
export function openApi(title: string, datasets: readonly Dataset[], table: RouteTable): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [route, rest] of Object.entries(table)) {
    const [method = '', path = ''] = route.split(' ');
    const template = path.replace(/:(\w+)/g, '{$1}');
    (paths[template] ??= {})[method.toLowerCase()] = operation(template, rest);
  }
  return {
    openapi: '3.1.0',
    info: { title: `Branchline: ${title}`, version: '1' },
    paths,
    components: {
      schemas: Object.fromEntries(datasets.map((dataset) => [dataset.name, entitySchema(dataset)])),
    },
  };
}

function operation(path: string, { action, body, query = [], idempotent, status }: Rest): object {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter(name!, 'path', true)),
    ...query.map((name) => parameter(name, 'query', false)),
    ...(idempotent === true ? [parameter('Idempotency-Key', 'header', false)] : []),
  ];
  const schema = { $ref: `#/components/schemas/${action.split('.')[0]!}` };
  const isRecord = /\.(record|amend)$/.test(action);
  const content = { 'application/json': isRecord ? { schema } : {} };
  return {
    operationId: action,
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: body === 'required', content } }),
    responses: {
      [String(status?.({ ready: true }) ?? 200)]: { description: 'Done' },
      default: { description: 'A problem (RFC 9457)', content: { 'application/problem+json': {} } },
    },
  };
}

function parameter(name: string, place: string, required: boolean): object {
  return { name, in: place, required, schema: { type: 'string' } };
}

function entitySchema({ fields, computed }: Dataset): object {
  const given = Object.entries(fields).map(([name, field]) => [
    name,
    { title: field.label, ...fieldSchema(field) },
  ]);
  const derived = Object.entries(computed).map(([name, { label, type }]) => [
    name,
    { title: label, readOnly: true, ...fieldSchema(type) },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries([...given, ...derived]) as object,
    required: Object.keys(fields).filter((name) => fields[name]!.required),
  };
}

function fieldSchema(type: FieldType): object {
  switch (type.kind) {
    case 'text':
      return { type: 'string', maxLength: type.maxLength };
    case 'integer':
      return { type: 'integer', minimum: type.min, maximum: type.max };
    case 'decimal':
      return {
        type: 'string',
        pattern: `^-?\\d{1,${type.precision - type.scale}}(\\.\\d{1,${type.scale}})?$`,
      };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamp':
      return { type: 'string', format: 'date-time' };
    case 'boolean':
      return { type: 'boolean' };
    case 'enum':
      return { type: 'string', enum: type.values };
    case 'reference':
      return { type: 'string' };
  }
}
