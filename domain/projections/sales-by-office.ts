import type { Projection } from './projection.ts';
import { SALE_COUNT, SALE_MEASURES, saleMeasures } from './sale-measures.ts';

/** What each office sold in all; voided sales are not in it. */
export const salesByOffice: Projection = {
  name: 'sales_by_office',
  label: 'Sales by office',
  version: 1,
  dataset: 'sales',
  key: { office: { kind: 'text', maxLength: 32, label: 'Office' } },
  counter: SALE_COUNT,
  measures: SALE_MEASURES,
  entryOf: (row) => (row.deletedAt === null ? { key: [row.scope], adds: saleMeasures(row) } : null),
};
