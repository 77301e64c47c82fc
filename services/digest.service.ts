import type { ServiceSchema } from 'moleculer';
import { toHex } from '../domain/chain.ts';
import { isOfficeId, SHARED_SCOPE } from '../domain/event.ts';
import { addModulo, bytesToNumber, numberToBytes } from '../domain/projections/digest.ts';
import type { Office } from '../mixins/office.ts';
import type { DigestRow } from '../mixins/store/store.ts';
import type { Call } from './call.ts';
import { datasetOf } from './dataset/dataset-of.ts';
import { homeOf } from './dataset/scope.ts';
import { invalidParameters } from './dataset/row-filter.ts';

interface DigestParams {
  readonly dataset: string;
  /** This office's own unless told, at the head, too; `shared` where a dataset belongs to all. */
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

async function digestOf(office: Office, { dataset, scope: asked }: DigestParams) {
  const scope = asked ?? homeOf(office, datasetOf(office, dataset));
  const rows = await office.ledger().read.digests(dataset, scope);
  if (rows.length === 0) await assertScopeHeld(office, scope);
  return {
    dataset,
    scope,
    count: rows.reduce((sum, { count }) => sum + count, 0),
    events: sumOf(rows, ({ events }) => events),
    state: sumOf(rows, ({ state }) => state),
  };
}

/** Nothing held of a scope that exists is an answer; of one that does not, or is not sent here, it would mislead. */
async function assertScopeHeld(office: Office, scope: string): Promise<void> {
  const { office: own, role, subscribe } = office.config;
  if (role === 'branch' && subscribe === 'all' && isOfficeId(scope)) return; // which offices there are, the head knows
  const others = role === 'head' ? (await office.ledger().read.offices()).map((row) => row.office) : [];
  const held = [own, SHARED_SCOPE, ...others];
  if (held.includes(scope)) return;
  const reason = `must be one of ${held.join(', ')}: nothing is held here of "${scope}"`;
  throw invalidParameters([{ field: 'scope', reason }]);
}

function sumOf(rows: readonly DigestRow[], of: (row: DigestRow) => Uint8Array): string {
  const sum = rows.reduce((total, row) => addModulo(total, bytesToNumber(of(row))), 0n);
  return toHex(numberToBytes(sum));
}
