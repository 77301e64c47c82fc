import type { DatasetRow } from '../datasets/dataset.ts';
import { type Measure, valueOf } from './projection.ts';

const MONEY = { kind: 'decimal', scale: 4 } as const;

/** What every summary of sales adds up. */
export const SALE_MEASURES: Readonly<Record<string, Measure>> = {
  qty: { kind: 'integer', label: 'Quantity' },
  amount: { ...MONEY, label: 'Amount' },
  tax: { ...MONEY, label: 'Tax' },
  total: { ...MONEY, label: 'Total' },
};

export const SALE_COUNT = { name: 'count', label: 'Sales' } as const;

/** In the order of SALE_MEASURES. */
export function saleMeasures(row: DatasetRow): (string | number)[] {
  return [valueOf(row, 'qty'), valueOf(row, 'amount'), valueOf(row, 'tax'), valueOf(row, 'total')];
}
