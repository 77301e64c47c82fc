import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../mixins/config.ts';
import { checkGateway } from '../../mixins/doctor/check-port.ts';
import { checkSettings } from '../../mixins/doctor/check-settings.ts';
import { runningFindings } from '../../mixins/doctor/check-office.ts';
import { HttpServer } from '../../mixins/http/http-server.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { NOTHING_SAID } from '../../domain/sync/messages.ts';
import type { OfficeRow } from '../../mixins/store/store.ts';
import type { OfficeStatus } from '../../mixins/sync/sync.ts';
import { viewOffice } from '../../services/office-view.ts';

const standing = (type: string): OfficeStatus => ({
  state: 'refused',
  paused: false,
  pending: 1,
  ackedSeq: 0,
  safeSeq: 0,
  lastSeq: 1,
  lastContactAt: null,
  problem: { type, detail: 'Why.' },
  quarantined: { count: 0, items: [] },
  waiting: 0,
  unfit: [],
});

describe('the doctor', () => {
  it.each([
    ['retired-office', 'A retired office does not come back'],
    ['unknown-office', 'Correct OFFICE_ID here'],
    ['second-copy', 'Stop this copy'],
    ['second-copy', '`branchline sync claim`'],
    ['link-unavailable', 'It sells; what it sells waits for the link.'],
  ])('says what to do about an office with the problem %s', (type, advice) => {
    expect(runningFindings(standing(type))).toEqual([
      {
        check: 'office',
        state: 'warning',
        detail: 'runs; ' + type + ': Why.',
        advice: expect.stringContaining(advice) as unknown,
      },
    ]);
  });

  it('names each change of a dataset that the office does not carry out', () => {
    const unfit = [{ dataset: 'visits', version: 3, reason: 'somebody reads it' }];
    expect(runningFindings({ ...standing('none'), problem: null, unfit })).toMatchObject([
      { check: 'office', state: 'ok' },
      {
        check: 'datasets',
        state: 'warning',
        detail: 'visits version 3 is not carried out here: somebody reads it',
        advice: expect.stringContaining('docs/PROBLEMS.md'),
      },
    ]);
  });

  it('tells an office from its role', () => {
    const { findings } = checkSettings({ OFFICE_ID: 'head', OFFICE_ROLE: 'head' });
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'configuration', detail: 'office head (head)' }),
    );
  });
});

describe('the doctor, about the port', () => {
  const config = (port: number) =>
    readConfig({ OFFICE_ID: 'west', OFFICE_ROLE: 'branch', HOST: '127.0.0.1', PORT: String(port) });

  it('names the other office that answers there, also while this one runs elsewhere', async () => {
    for (const isRunning of [true, false])
      expect(await checkGateway(config(3000), 'east', isRunning)).toMatchObject([
        { state: 'problem', detail: '127.0.0.1:3000 is in use by office east' },
      ]);
    expect(await checkGateway(config(3000), 'west', true)).toMatchObject([{ state: 'ok' }]);
  });

  it('says once what to do when something else listens there', async () => {
    const other = new HttpServer(() => {});
    const { port } = await other.listen('127.0.0.1', 0);
    const [finding] = await checkGateway(config(port), null, false);
    await other.stop();
    expect(finding).toMatchObject({ state: 'problem', advice: 'Set another PORT.' });
    expect(finding?.detail).toMatch(/is in use: .* runs\.$/);
  });
});

const said = (versions: Record<string, number>) => ({ evolutions: 1, versions });

function rowOf(change: Partial<OfficeRow>): OfficeRow {
  const heard = { office: 'west', status: 'active', lastContactAtMs: 1, addedAtMs: 1 } as const;
  return { ...heard, cursor: { seq: 0, epoch: 1 }, datasets: said({}), ...change } as OfficeRow;
}

/** The head has changed sales and added visits. */
const KNOWN = {
  all: [
    ...BUILT_IN.all.map((one) => (one.name === 'sales' ? { ...one, version: 2 } : one)),
    { ...sales, name: 'visits', noun: 'Visit' },
  ],
  declares: (name: string) => name !== 'visits',
};

describe('the list of offices', () => {
  it.each([
    ['active', true],
    ['retired', false],
  ] as const)('shows one that is %s and was heard just now with connected %s', (status, connected) => {
    const contacts = { west: { connected: true, lastContactAt: null } };
    expect(viewOffice(rowOf({ status }), contacts, KNOWN)).toMatchObject({ connected });
  });

  it.each<[string, Partial<OfficeRow>, string[]]>([
    ['in the versions of the head', { datasets: said({ sales: 2, products: 1, stock: 1, visits: 1 }) }, []],
    [
      'in an older one, and without another',
      { datasets: said({ sales: 1, stock: 1 }) },
      ['sales', 'products', 'visits'],
    ],
    ['by a program that tells none', { datasets: NOTHING_SAID }, ['sales', 'visits']],
    ['nobody knows how', { datasets: NOTHING_SAID, lastContactAtMs: 0 }, []],
    ['no more', { datasets: said({ sales: 1 }), status: 'retired' }, []],
  ])('says of one that records %s in which datasets it is behind', (_, change, behind) => {
    const row = rowOf(change);
    expect(viewOffice(row, {}, KNOWN)).toMatchObject({ behind, datasets: row.datasets.versions });
  });
});
