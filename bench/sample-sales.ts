// Sales that differ as real ones do: nothing measured here should profit from all being alike.
const PRODUCTS = [
  'Paper',
  'Pens',
  'Binders',
  'Staplers',
  'Chairs',
  'Phones',
  'Envelopes',
  'Bookcases',
  'Labels',
];
const MAKERS = ['Xerox', 'Avery', 'Global Deluxe', 'Hon', 'Cardinal', 'Fellowes', 'Tenex', 'Newell', 'Acme'];
const REGIONS = ['East', 'West', 'Central', 'South'];
const FIRST_DAY_MS = Date.UTC(2023, 0, 1);
const DAY_MS = 86_400_000;

export interface SampleSale {
  readonly soldOn: string;
  readonly product: string;
  readonly region: string;
  readonly qty: number;
  readonly cost: string;
  readonly tax: string;
}

const of = <T>(list: readonly T[], index: number): T => list[index % list.length]!;
const money = (units: number): string => {
  const text = `${Math.floor(units / 100)}.${String(units % 100).padStart(2, '0')}`;
  return text.replace(/\.?0+$/, '') || '0';
};

/** The same index gives the same sale. */
export function sampleSale(index: number): SampleSale {
  const mixed = Math.imul(index + 1, 2_654_435_761) >>> 0;
  return {
    soldOn: new Date(FIRST_DAY_MS + (index % 1_400) * DAY_MS).toISOString().slice(0, 10),
    product: `${of(MAKERS, mixed >>> 3)} ${of(PRODUCTS, mixed >>> 7)} ${mixed % 1_861}`,
    region: of(REGIONS, mixed >>> 11),
    qty: 1 + (mixed % 14),
    cost: money(1 + ((mixed >>> 5) % 49_999)),
    tax: money((mixed >>> 9) % 4_000),
  };
}
