// A change of a dataset that comes again under its key, at a node that is behind or that declares the version itself.
import { describe, expect, it } from '@jest/globals';
import { Catalogue } from '../../domain/datasets/catalogue.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { evolveDataset } from '../../domain/datasets/evolution.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { type SchemaChange, readChanges } from '../../domain/datasets/schema-change.ts';
import { keyedEventId } from '../../domain/office/event-id.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import type { Office } from '../../mixins/office.ts';
import { applyChange } from '../../services/datasets/apply.ts';
import type { Call } from '../../services/call.ts';
import type { PlanParams } from '../../services/datasets/plan.ts';

const REQUEST = { path: '/api/datasets/apply', body: 1 } as never;
const flag = (field: string) => ({ kind: 'add-field', field, type: { kind: 'boolean' } });
const CHANGES = [flag('gift')];

function evolved(dataset: Dataset, ...given: unknown[]): Dataset {
  const next = evolveDataset(dataset, (readChanges(given) as { changes: SchemaChange[] }).changes);
  return (next as { dataset: Dataset }).dataset;
}

/** The answer of a node of the head that has this, and comes to know that, to what was written as version `to`. */
async function repeated(has: Dataset, knows: Dataset, to: number) {
  const id = keyedEventId(machinePorts, 'hq', 'key', REQUEST);
  const event = { id, office: 'hq', data: { dataset: 'sales', to, changes: CHANGES } };
  let now = new Catalogue([has]);
  const office = {
    ports: machinePorts,
    config: { office: 'hq', role: 'head' },
    datasets: {
      named: (name: string) => now.named(name),
      learn: async () => (now = new Catalogue([knows])),
    },
    ledger: () => ({ read: { ownKeyed: async () => [{ event }], offices: async () => [] } }),
  };
  const meta = { idempotency: { key: 'key', request: REQUEST } };
  const call = { params: { dataset: 'sales', changes: CHANGES }, meta } as unknown as Call<PlanParams>;
  return applyChange(office as unknown as Office, call);
}

describe('a change that comes again under its key', () => {
  it('is answered as what it was, by a node that was versions behind', async () => {
    const before = evolved(sales, flag('web'));
    const plan = await repeated(sales, evolved(evolved(before, ...CHANGES), flag('later')), 3);
    expect(plan).toMatchObject({ dataset: 'sales', from: 2, to: 3, changes: [flag('gift')] });
    expect(plan.databases).toContainEqual({
      family: 'sqlite',
      statements: [expect.stringContaining('"gift"')],
    });
  });

  it.each([
    ['with what it changes', { ...evolved(sales, ...CHANGES), before: undefined }],
    ['without it', { ...sales, version: 2 }],
    ['of the version before, with what it changes', { ...evolved(sales, ...CHANGES), version: 1 }],
  ])('is answered by what the event says where a file declares a version %s', async (_what, declared) => {
    const { before: _, ...file } = declared as Dataset;
    expect(await repeated(file, file, 2)).toMatchObject({ from: 1, to: 2, databases: [] });
  });
});
