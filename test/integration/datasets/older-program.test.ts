// An office whose program is older than a change of a dataset, beside others that know it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Office } from '../../../mixins/office.ts';
import { databasesUnderTest } from '../../harness/servers.ts';
import { eventually } from '../../harness/wait.ts';
import { amend, Company, evolve, expectAlike, recordAll, rowsOf } from './company.ts';
import { olderProgram, type OlderProgram } from './older-program.ts';

const SALE = { product: 'Paper', region: 'West', qty: 2, cost: '3.5', tax: '0.25', soldOn: '2026-01-02' };
const MINUTE_MS = 60_000;

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

describe('an office with an older program', () => {
  const company = new Company();
  const [, onServer = 'sqlite', onAnother = onServer] = databasesUnderTest();
  let older: OlderProgram;
  let head: Office;
  let east: Office;
  let west: Office;

  beforeAll(async () => {
    older = await olderProgram();
    head = await company.open('head', onServer);
    for (const office of ['west', 'east'])
      await head.ledger().addOffice({ office, name: office, subscribe: 'own' });
    east = await company.open('east', 'sqlite');
    west = await company.open('west', onAnother, { createOffice: older.createOffice });
    await recordAll(west, ids('before', 20), SALE);
    await eventually(async () => expect(await rowsOf(head, 'sales', 'west')).toHaveLength(20));
    await evolve(
      head,
      'sales',
      { kind: 'add-field', field: 'channel', type: { kind: 'text', maxLength: 20 }, default: 'shop' },
      { kind: 'rename-field', field: 'region', to: 'area' },
    );
    await amend(head, 'west', 'before-0', { channel: 'web' });
    await eventually(() => expect(east.datasets.named('sales')).toMatchObject({ version: 2 }));
    await recordAll(east, ids('new', 20), { ...SALE, channel: 'web' });
    await eventually(async () => expect((await west.syncStatus()).waiting).toBe(2));
  }, 2 * MINUTE_MS);
  afterAll(async () => {
    await company.end();
    await older.remove();
  });

  it('sells on as it knows how, and its sales arrive', async () => {
    await recordAll(west, ids('alone', 50), SALE);
    await amend(west, 'west', 'before-1', { qty: 5 });
    await eventually(async () => {
      const rows = (await rowsOf(head, 'sales', 'west'))!;
      const shown = new Map(rows.map((row) => [row.entityId, row.values]));
      expect(rows).toHaveLength(70);
      expect(shown.get('alone-49')).toMatchObject({ region: 'West', channel: 'shop' });
      expect(shown.get('before-1')).toMatchObject({ qty: 5 });
    });
  });

  it('keeps what it does not know, and may still change what is its own', async () => {
    await amend(west, 'west', 'before-0', { qty: 9 });
    const waiting = await west.ledger().read.waiting(0, 10);
    expect(waiting.map(({ dataset, entityId, reason }) => [dataset, entityId, reason])).toEqual([
      ['datasets', 'catalogue', 'unknown-dataset'],
      ['sales', 'before-0', 'version-unknown'],
    ]);
  });

  it('is known at the head for one that understands no changes', async () => {
    await eventually(async () => {
      const said = Object.fromEntries(
        (await head.ledger().read.offices()).map(({ office, datasets }) => [office, datasets]),
      );
      expect(said).toMatchObject({
        west: { evolutions: 0, versions: {} },
        east: { evolutions: 1, versions: { sales: 2 } },
      });
    });
  });

  it(
    'has everything, and the same as the head, once its program is a newer one',
    async () => {
      await company.close('west');
      west = await company.open('west', onAnother);
      await eventually(async () => expect((await west.syncStatus()).waiting).toBe(0), MINUTE_MS);
      expect(west.datasets.named('sales')).toMatchObject({ version: 2 });
      await recordAll(west, ids('upgraded', 5), { ...SALE, channel: 'phone' });
      await expectAlike(head, west, 'sales', 'west');
      expect(await rowsOf(head, 'sales', 'west')).toHaveLength(75);
    },
    2 * MINUTE_MS,
  );

  it(
    'is not started again on tables of the newer one',
    async () => {
      await company.close('west');
      await expect(
        company.open('west', onAnother, { createOffice: older.createOffice }),
      ).rejects.toMatchObject({ type: 'database-too-new', message: expect.stringContaining('m0007') });
    },
    MINUTE_MS,
  );
});
