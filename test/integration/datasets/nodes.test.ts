// Two processes of one head, over one database.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Office } from '../../../mixins/office.ts';
import { createOffice } from '../../../mixins/running-office.ts';
import { eventually } from '../../harness/wait.ts';
import { Company, evolve, recordAll, rowsOf } from './company.ts';

const SALE = { product: 'Paper', region: 'West', qty: 2, cost: '3.5', tax: '0.25', soldOn: '2026-01-02' };

describe('two nodes of a head', () => {
  const company = new Company();
  let linked: Office;
  let other: Office;

  beforeAll(async () => {
    linked = await company.open('head', 'sqlite');
    other = await company.open('head', 'sqlite', {
      createOffice: (config, options) => createOffice(config, { ...options, link: null }),
    });
  });
  afterAll(async () => {
    await linked.stop();
    await company.end();
  });

  it('both know what one has changed of a dataset, also the one that writes nothing', async () => {
    await evolve(other, 'sales', { kind: 'add-field', field: 'gift', type: { kind: 'boolean' } });
    await eventually(() => expect(linked.datasets.named('sales')).toMatchObject({ version: 2 }));
    await recordAll(other, ['a'], { ...SALE, gift: true });
    expect(await rowsOf(linked, 'sales', 'head')).toMatchObject([{ values: { gift: true } }]);
  });

  it('follow each other also without a link', async () => {
    await evolve(linked, 'sales', { kind: 'add-field', field: 'paid', type: { kind: 'boolean' } });
    await eventually(() => expect(other.datasets.named('sales')).toMatchObject({ version: 3 }));
  });
});
