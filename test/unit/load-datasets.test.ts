import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CustomPolicy } from '../../domain/conflict/policy.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import type { DomainError } from '../../domain/errors.ts';
import { loadDatasets } from '../../mixins/datasets/load-datasets.ts';

const VISITS = { name: 'visits', noun: 'Visit', fields: { day: { kind: 'date', required: true } } };

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'branchline-datasets-'))));
afterEach(() => rm(folder, { recursive: true }));

const put = (file: string, content: unknown) =>
  writeFile(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
const loaded = async (name: string): Promise<Dataset> => (await loadDatasets(folder)).named(name)!;
const refused = async (): Promise<DomainError> => {
  const error: unknown = await loadDatasets(folder).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ type: 'invalid-dataset', data: { setting: 'DATASETS_DIR' } });
  return error as DomainError;
};
const problems = async () => (await refused()).data['problems'];

describe('a folder of declarations', () => {
  it('adds to the datasets of the program, each with what it left out', async () => {
    await put('visits.json', VISITS);
    await put('notes.txt', 'not a declaration');
    expect((await loadDatasets(folder)).all.slice(0, -1)).toEqual(BUILT_IN.all);
    expect(await loaded('visits')).toMatchObject({
      scope: 'office',
      version: 1,
      fields: { day: { kind: 'date', required: true, label: 'day' } },
      computed: {},
      policies: { version: 1, default: 'latest', fields: {}, void: 'amend-wins' },
    });
  });

  it('takes modules with functions, which fail without harm', async () => {
    await put(
      'trips.ts',
      `export default {
        name: 'trips', noun: 'Trip',
        fields: { miles: { kind: 'integer', required: true, label: 'Miles' as string } },
        computed: {
          double: { type: { kind: 'integer' }, compute: ({ miles }: { miles: number }) => 2 * miles },
          broken: { type: { kind: 'integer' }, compute() { throw new Error('no') } },
        },
        policies: { fields: { miles: { name: 'broken', rule() { throw new Error('no') } } } },
      };`,
    );
    const { computed, policies } = await loaded('trips');
    expect(computed['double']!.compute({ miles: 4 })).toBe(8);
    expect(computed['broken']!.compute({})).toBeNull();
    expect((policies.fields['miles'] as CustomPolicy).rule([], undefined)).toBeNull();
  });

  it('is none unless it is named', async () => {
    expect(await loadDatasets(null)).toBe(BUILT_IN);
  });

  it('must be there', async () => {
    await expect(loadDatasets(join(folder, 'nowhere'))).rejects.toMatchObject({
      type: 'invalid-configuration',
      data: { setting: 'DATASETS_DIR' },
    });
  });
});

describe('a wrong declaration', () => {
  it.each<[string, unknown, string]>([
    [
      'of no kind',
      { ...VISITS, fields: { day: { kind: 'day' } } },
      'fields.day.kind must be one of text, integer',
    ],
    ['with a slip in a word', { ...VISITS, feilds: {} }, 'must not have "feilds"'],
    [
      'without a length',
      { ...VISITS, fields: { note: { kind: 'text' } } },
      'fields.note.maxLength must be given',
    ],
    [
      'with a length below one',
      { ...VISITS, fields: { note: { kind: 'text', maxLength: 0 } } },
      '"note" needs a maxLength',
    ],
    [
      'with a policy that is none',
      { ...VISITS, policies: { fields: { day: 'newest' } } },
      'policies.fields.day must be one of latest',
    ],
    [
      'that counts what is no number',
      { ...VISITS, policies: { fields: { day: 'add' } } },
      '"day" cannot be added up',
    ],
    [
      'with a field that every row has',
      { ...VISITS, fields: { office: { kind: 'boolean' } } },
      '"office" is a name',
    ],
    [
      'called like a part of the interface',
      { ...VISITS, name: 'conflicts' },
      'its name must not be "conflicts"',
    ],
    ['called like a table of the store', { ...VISITS, name: 'late' }, 'the store has a table of this name'],
    [
      'called like a parameter of lists',
      { ...VISITS, fields: { limit: { kind: 'boolean' } } },
      '"limit" is a name',
    ],
    [
      'called like a column of databases',
      { ...VISITS, fields: { rowid: { kind: 'boolean' } } },
      '"rowid" is a name',
    ],
    ['called like a table beside another', { ...VISITS, name: 'stock__old' }, 'its name must not hold __'],
    ['called like a view', { ...VISITS, name: 'stock_view' }, 'its name must not hold __'],
    [
      'called like a projection',
      { ...VISITS, name: 'sales_by_day' },
      'name "sales_by_day" is that of a projection',
    ],
    [
      'called like one of the program',
      { ...VISITS, name: 'sales' },
      'name "sales" is that of a dataset of the program',
    ],
    [
      'with the events of one of the program',
      { ...VISITS, noun: 'Sale' },
      'noun "Sale" is that of a dataset',
    ],
    ['that is no JSON', '{', 'cannot be read'],
  ])('%s is refused with its file, the place and the reason', async (_, declared, reason) => {
    await put('visits.json', declared);
    expect(await problems()).toEqual([expect.stringMatching(/^visits\.json: /)]);
    expect((await refused()).message).toContain(reason);
  });

  it('is named with all others, in every file', async () => {
    await put('a.json', { ...VISITS, name: 'a', noun: 'A', scope: 'all', fields: { x: { kind: 'y' } } });
    await put('b.ts', 'export const b = 1;');
    await put('c.json', VISITS);
    await put('d.json', VISITS);
    expect(await problems()).toEqual([
      expect.stringContaining('a.json: scope must be office or shared'),
      expect.stringContaining('a.json: fields.x.kind must be'),
      expect.stringContaining('b.ts: cannot be read: it has no default export'),
      'd.json: name "visits" is that of a dataset of c.json',
      'd.json: noun "Visit" is that of a dataset of c.json',
    ]);
  });
});
