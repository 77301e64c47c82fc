import type { ServiceSchema } from 'moleculer';
import { toHex } from '../domain/chain.ts';
import { datasetNamed } from '../domain/datasets/registry.ts';
import { DomainError } from '../domain/errors.ts';
import { addModulo, bytesToNumber, numberToBytes } from '../domain/projections/digest.ts';
import type { Office } from '../mixins/office.ts';
import type { DigestRow } from '../mixins/store/store.ts';
import type { Call } from './call.ts';

interface DigestParams {
  readonly dataset: string;
  readonly scope?: string;
}

/** Two offices with equal digests hold the same events, and the same state. */
export function digestService(office: Office): ServiceSchema {
  return {
    name: 'digest',
    actions: {
      get: {
        params: {
          $$strict: true,
          dataset: { type: 'string', default: 'sales' },
          scope: { type: 'string', optional: true },
        },
        handler: (ctx: Call<DigestParams>) => digestOf(office, ctx.params),
      },
    },
  };
}

async function digestOf(office: Office, { dataset, scope = office.config.office }: DigestParams) {
  if (datasetNamed(dataset) === null) {
    throw new DomainError('unknown-dataset', `There is no dataset "${dataset}"`, { dataset });
  }
  const rows = await office.ledger().read.digests(dataset, scope);
  return {
    dataset,
    scope,
    count: rows.reduce((sum, { count }) => sum + count, 0),
    events: sumOf(rows, ({ events }) => events),
    state: sumOf(rows, ({ state }) => state),
  };
}

function sumOf(rows: readonly DigestRow[], of: (row: DigestRow) => Uint8Array): string {
  const sum = rows.reduce((total, row) => addModulo(total, bytesToNumber(of(row))), 0n);
  return toHex(numberToBytes(sum));
}
