import type { Dataset } from './dataset.ts';
import { MONEY } from './money.ts';

/** What there is to sell: one catalogue for all offices, kept by the head. */
export const products: Dataset = {
  name: 'products',
  noun: 'Product',
  scope: 'shared',
  version: 1,
  fields: {
    name: { kind: 'text', maxLength: 200, required: true, label: 'Name' },
    category: { kind: 'text', maxLength: 100, required: false, label: 'Category' },
    unit: { kind: 'text', maxLength: 20, required: false, label: 'Sold by' },
    price: { ...MONEY, required: true, label: 'Price' },
    onSale: { kind: 'boolean', required: true, label: 'May be sold' },
  },
  computed: {},
  policies: { version: 1, rows: 'merge-fields', default: 'latest', fields: {}, void: 'amend-wins' },
};
