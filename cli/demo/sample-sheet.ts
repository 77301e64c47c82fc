import type { ImportRow } from '../../services/dataset/entity-import.ts';
import { derivedId } from '../../domain/conflict/derived-id.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';

type SheetLine = readonly [
  soldOn: string,
  region: string,
  product: string,
  qty: number,
  cost: string,
  tax: string,
];

/** The sheet names no year; 2026 was chosen. */
const SHEET: readonly SheetLine[] = [
  ['2026-04-01', 'East', 'Paper', 73, '12.95', '66.17'],
  ['2026-04-01', 'West', 'Paper', 33, '12.95', '29.91'],
  ['2026-04-02', 'East', 'Pens', 14, '2.19', '2.15'],
  ['2026-04-02', 'West', 'Pens', 40, '2.19', '6.13'],
  ['2026-04-03', 'East', 'Paper', 21, '12.95', '19.04'],
  ['2026-04-03', 'West', 'Paper', 10, '12.95', '9.07'],
];

/** What the sheet says about one branch, under ids that can be typed: `west-1`, `west-2`, ... */
export function sheetRows(office: string): ImportRow[] {
  return SHEET.filter(([, region]) => region.toLowerCase() === office).map((line, index) =>
    rowOf(office, index + 1, line),
  );
}

function rowOf(
  office: string,
  number: number,
  [soldOn, region, product, qty, cost, tax]: SheetLine,
): ImportRow {
  const id = `${office}-${number}`;
  return {
    id,
    eventId: derivedId(machinePorts, ['sheet', id]),
    fields: { soldOn, region, product, qty, cost, tax },
  };
}
