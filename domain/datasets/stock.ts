import type { Dataset } from './dataset.ts';

const MOST_PIECES = 1_000_000_000;

/** How much of a product an office has: what two sides take away at once is taken away twice. */
export const stock: Dataset = {
  name: 'stock',
  noun: 'Stock',
  scope: 'office',
  version: 1,
  fields: {
    product: { kind: 'reference', dataset: 'products', required: true, label: 'Product' },
    // Below zero when more was sold than there was known to be.
    quantity: { kind: 'integer', min: -MOST_PIECES, max: MOST_PIECES, required: true, label: 'Pieces' },
    reorderAt: { kind: 'integer', min: 0, max: MOST_PIECES, required: false, label: 'Reorder at' },
    shelf: { kind: 'text', maxLength: 50, required: false, label: 'Shelf' },
  },
  computed: {},
  policies: {
    version: 1,
    rows: 'merge-fields',
    default: 'latest',
    fields: { quantity: 'add' },
    void: 'amend-wins',
  },
};
