import type { ServiceSchema } from 'moleculer';
import type { Office } from '../mixins/office.ts';
import { type Call, PAGE_PARAMS } from './call.ts';
import { datasetOf } from './dataset/dataset-of.ts';
import { type ImportRow, importRows } from './dataset/entity-import.ts';
import { EntityReading, type ListParams } from './dataset/entity-reading.ts';
import {
  type AmendParams,
  type EntityParams,
  EntityWriting,
  type RecordParams,
} from './dataset/entity-writing.ts';
import { FILTER_PARAMS, type FilterParams } from './dataset/row-filter.ts';

/** Thousands of rows on a slow disk. */
const IMPORT_TIMEOUT_MS = 600_000;

const MAX_IMPORT = 1_000;
const office = { type: 'string', optional: true } as const;
const key = { id: { type: 'string' }, office } as const;

/** The service of one dataset: `sales.record`, `sales.list`, ... It follows when the head changes the dataset. */
export function datasetService(of: Office, name: string): ServiceSchema {
  const reading = new EntityReading(of, name);
  const writing = new EntityWriting(of, name);
  return {
    name,
    actions: {
      record: {
        params: { id: { type: 'string', optional: true }, office },
        handler: (ctx: Call<RecordParams>) => writing.record(ctx),
      },
      amend: {
        params: key,
        handler: (ctx: Call<AmendParams>) => writing.amend(ctx),
      },
      void: {
        params: { $$strict: true, ...key, reason: { type: 'string', optional: true } },
        handler: (ctx: Call<EntityParams & { reason?: string }>) => writing.void(ctx),
      },
      restore: {
        params: { $$strict: true, ...key },
        handler: (ctx: Call<EntityParams>) => writing.restore(ctx),
      },
      import: {
        ...{ timeout: IMPORT_TIMEOUT_MS }, // Moleculer’s types do not know it
        params: { $$strict: true, office, rows: { type: 'array', max: MAX_IMPORT, items: IMPORT_ROW } },
        handler: (ctx: Call<{ office?: string; rows: ImportRow[] }>) =>
          importRows(of, datasetOf(of, name), ctx.params.office, ctx.params.rows),
      },
      get: {
        params: { $$strict: true, ...key },
        handler: (ctx: Call<EntityParams>) => reading.get(ctx.params.id, ctx.params.office),
      },
      history: {
        params: { $$strict: true, ...key },
        handler: (ctx: Call<EntityParams>) => reading.history(ctx.params.id, ctx.params.office),
      },
      list: {
        params: {
          ...FILTER_PARAMS,
          ...PAGE_PARAMS,
          after: { type: 'string', optional: true },
          count: { type: 'boolean', convert: true, optional: true },
        },
        handler: (ctx: Call<ListParams>) => reading.list(ctx.params),
      },
      count: {
        params: { ...FILTER_PARAMS },
        handler: (ctx: Call<FilterParams>) => reading.count(ctx.params),
      },
    },
  };
}

const IMPORT_ROW = {
  type: 'object',
  strict: true,
  props: {
    id: 'string',
    eventId: { type: 'string', pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/ },
    fields: 'object',
  },
} as const;
