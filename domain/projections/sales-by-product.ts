import { DomainError } from '../errors.ts';
import { isLongerThan } from '../text.ts';
import type { Projection } from './projection.ts';
import { valueOf } from './projection.ts';
import { SALE_COUNT, SALE_MEASURES, saleMeasures } from './sale-measures.ts';

/** A product may have a longer name, which no database takes for a key: such a sale is set aside here. */
const LONGEST_KEY = 600;

/** What was sold of each product, by all offices together; voided sales are not in it. */
export const salesByProduct: Projection = {
  name: 'sales_by_product',
  label: 'Sales by product',
  version: 2,
  dataset: 'sales',
  key: { product: { kind: 'text', maxLength: LONGEST_KEY, label: 'Product' } },
  counter: SALE_COUNT,
  measures: SALE_MEASURES,
  entryOf: (row) =>
    row.deletedAt === null
      ? { key: [keyOf(String(valueOf(row, 'product')))], adds: saleMeasures(row) }
      : null,
};

function keyOf(product: string): string {
  if (!isLongerThan(product, LONGEST_KEY)) return product;
  throw new DomainError('invalid-value', `its product has more than ${LONGEST_KEY} characters`);
}
