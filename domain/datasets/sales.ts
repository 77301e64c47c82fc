import { addDecimals, multiplyDecimals } from '../decimal.ts';
import type { JsonValue } from '../event.ts';
import type { Dataset } from './dataset.ts';
import { MONEY } from './money.ts';

/** Below zero for goods returned. A line of more than a million pieces is a slip of the finger. */
const MAX_QTY = 1_000_000;

type Values = Readonly<Record<string, JsonValue>>;

/** qty x cost, exact: a whole number times at most 4 places. */
function amountOf({ qty, cost }: Values): string | null {
  return typeof qty === 'number' && typeof cost === 'string' ? multiplyDecimals(String(qty), cost) : null;
}

function totalOf(values: Values): string | null {
  const amount = amountOf(values);
  return amount !== null && typeof values['tax'] === 'string' ? addDecimals(amount, values['tax']) : null;
}

export const sales: Dataset = {
  name: 'sales',
  noun: 'Sale',
  scope: 'office',
  version: 1,
  fields: {
    soldOn: { kind: 'date', required: true, label: 'Sold on' },
    product: { kind: 'text', maxLength: 200, required: true, label: 'Product' },
    region: { kind: 'text', maxLength: 100, required: true, label: 'Region' },
    qty: { kind: 'integer', min: -MAX_QTY, max: MAX_QTY, required: true, label: 'Quantity' },
    cost: { ...MONEY, required: true, label: 'Cost' },
    tax: { ...MONEY, required: true, label: 'Tax' },
  },
  computed: {
    amount: { type: MONEY, label: 'Amount', compute: amountOf },
    total: { type: MONEY, label: 'Total', compute: totalOf },
  },
  policies: {
    version: 1,
    rows: 'merge-fields',
    default: 'latest',
    fields: { cost: 'manual', tax: 'manual' },
    void: 'void-wins',
  },
};
