import type { Projection } from './projection.ts';
import { valueOf } from './projection.ts';
import { SALE_COUNT, SALE_MEASURES, saleMeasures } from './sale-measures.ts';

/** What was sold of each product, by all offices together; voided sales are not in it. */
export const salesByProduct: Projection = {
  name: 'sales_by_product',
  label: 'Sales by product',
  version: 1,
  dataset: 'sales',
  key: { product: { kind: 'text', maxLength: 200, label: 'Product' } },
  counter: SALE_COUNT,
  measures: SALE_MEASURES,
  entryOf: (row) =>
    row.deletedAt === null ? { key: [String(valueOf(row, 'product'))], adds: saleMeasures(row) } : null,
};
