// Three offices on three databases, one of them away while datasets change.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Office } from '../../../mixins/office.ts';
import { databasesUnderTest } from '../../harness/servers.ts';
import { eventually } from '../../harness/wait.ts';
import { amend, Company, evolve, expectAlike, recordAll, rowsOf } from './company.ts';

const SALE = { product: 'Paper', region: 'West', qty: 2, cost: '3.5', tax: '0.25', soldOn: '2026-01-02' };
const MINUTES_MS = 60_000;

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

describe('datasets that change while an office is away', () => {
  const company = new Company();
  let head: Office;
  let west: Office;
  let east: Office;

  beforeAll(async () => {
    const [, onServer = 'sqlite', onAnother = onServer] = databasesUnderTest();
    head = await company.open('head', onServer);
    for (const office of ['west', 'east'])
      await head.ledger().addOffice({ office, name: office, subscribe: 'own' });
    west = await company.open('west', onAnother);
    east = await company.open('east', 'sqlite');
  }, MINUTES_MS);
  afterAll(() => company.end());

  it(
    'loses no sale, and all show the same in the end',
    async () => {
      await recordAll(west, ids('before', 20), SALE);
      await recordAll(east, ids('before', 20), SALE);
      await eventually(async () => expect(await rowsOf(head, 'sales', 'west')).toHaveLength(20));
      company.cut('west');

      await evolve(head, 'sales', {
        kind: 'add-field',
        field: 'channel',
        type: { kind: 'enum', values: ['shop', 'web'], required: true },
        default: 'shop',
      });
      await amend(head, 'west', 'before-0', { channel: 'web' });
      await eventually(() => expect(east.datasets.named('sales')).toMatchObject({ version: 2 }));
      await recordAll(east, ids('second', 3_300), { ...SALE, channel: 'web' });

      await recordAll(west, ids('alone', 200), SALE);
      await amend(west, 'west', 'before-0', { qty: 7 });
      await amend(west, 'west', 'before-1', { region: 'North' });

      await evolve(head, 'sales', { kind: 'rename-field', field: 'region', to: 'area' });
      await eventually(() => expect(east.datasets.named('sales')).toMatchObject({ version: 3 }));
      await recordAll(east, ids('third', 3_300), { ...SALE, channel: 'shop' });
      await evolve(
        head,
        'sales',
        { kind: 'widen-field', field: 'product', to: { maxLength: 400 } },
        { kind: 'add-values', field: 'channel', values: ['phone'] },
        { kind: 'make-optional', field: 'area' },
      );
      await eventually(() => expect(east.datasets.named('sales')).toMatchObject({ version: 4 }));
      const { region: _, ...noRegion } = SALE;
      await recordAll(east, ids('fourth', 3_400), {
        ...noRegion,
        product: 'P'.repeat(400),
        channel: 'phone',
      });
      await evolve(head, 'visits', {
        kind: 'add-dataset',
        declaration: {
          name: 'visits',
          noun: 'Visit',
          fields: { day: { kind: 'date', required: true }, guests: { kind: 'integer' } },
        },
      });
      await eventually(() => expect(east.datasets.named('visits')).toMatchObject({ version: 1 }));
      await recordAll(east, ids('visit', 10), { day: '2026-01-02', guests: 3 }, 'visits');
      expect(west.datasets.named('sales')).toMatchObject({ version: 1 });

      company.join('west');
      await eventually(() => expect(west.datasets.named('sales')).toMatchObject({ version: 4 }), MINUTES_MS);
      await eventually(() => expect(west.datasets.named('visits')).toMatchObject({ version: 1 }));
      await recordAll(west, ids('after', 20), { ...SALE, channel: 'phone' });

      await expectAlike(head, west, 'sales', 'west');
      await expectAlike(head, east, 'sales', 'east');
      await expectAlike(head, east, 'visits', 'east');
      const rows = (await rowsOf(head, 'sales', 'west'))!;
      expect(rows).toHaveLength(240);
      expect(await rowsOf(head, 'sales', 'east')).toHaveLength(10_020);
      const shown = new Map(rows.map((row) => [row.entityId, row.values]));
      expect(shown.get('before-0')).toMatchObject({ qty: 7, channel: 'web' });
      expect(shown.get('before-1')).toMatchObject({ region: 'North', channel: 'shop' });
      expect(shown.get('alone-199')).toMatchObject({ region: 'West', channel: 'shop' });
      for (const office of [head, west, east]) expect((await office.syncStatus()).waiting).toBe(0);
    },
    4 * MINUTES_MS,
  );

  it(
    'is there again after a restart, before anybody sells',
    async () => {
      await company.close('west');
      west = await company.open('west', 'sqlite');
      expect(west.datasets.named('sales')).toMatchObject({ version: 4 });
      await recordAll(west, ['restarted'], { ...SALE, channel: 'phone' });
      await expectAlike(head, west, 'sales', 'west');
    },
    MINUTES_MS,
  );
});
