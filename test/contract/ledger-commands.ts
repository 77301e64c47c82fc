import type { CommandSubmission } from '../../mixins/ledger/ledger.ts';

const SALE = { soldOn: '2026-04-01', product: 'Paper', region: 'West', qty: 33, cost: '12.95', tax: '29.91' };
const KEY = { dataset: 'sales', scope: 'west', entityId: 'a' };

/** Records a sale, by anna. */
export const record = (
  entityId: string,
  fields: Record<string, unknown> = {},
  scope = 'west',
): CommandSubmission => ({
  command: { ...KEY, scope, type: 'record', entityId, fields: { ...SALE, ...fields } },
  actor: 'anna',
});

/** Amends a sale, by anna. */
export const amend = (
  entityId: string,
  fields: Record<string, unknown>,
  scope = 'west',
): CommandSubmission => ({
  command: { ...KEY, scope, type: 'amend', entityId, fields },
  actor: 'anna',
});

/** So many ids. */
export const named = (count: number, prefix = 's') =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
