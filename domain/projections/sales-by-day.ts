import type { Projection } from './projection.ts';
import { valueOf } from './projection.ts';
import { SALE_COUNT, SALE_MEASURES, saleMeasures } from './sale-measures.ts';

/** What each office sold on each day; voided sales are not in it. */
export const salesByDay: Projection = {
  name: 'sales_by_day',
  label: 'Sales by day',
  version: 1,
  dataset: 'sales',
  key: {
    office: { kind: 'text', maxLength: 32, label: 'Office' },
    soldOn: { kind: 'date', label: 'Sold on' },
  },
  counter: SALE_COUNT,
  measures: SALE_MEASURES,
  entryOf: (row) =>
    row.deletedAt === null
      ? { key: [row.scope, String(valueOf(row, 'soldOn'))], adds: saleMeasures(row) }
      : null,
};
