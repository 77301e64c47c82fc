// A branch declares a dataset by itself, otherwise than the head: what cannot be carried out there is said, and no more.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readDeclaration } from '../../../domain/datasets/declaration.ts';
import { CATALOGUE_KEY } from '../../../domain/datasets/definitions.ts';
import { BUILT_IN } from '../../../domain/datasets/registry.ts';
import type { SchemaChangeInput } from '../../../domain/datasets/schema-change.ts';
import type { Office } from '../../../mixins/office.ts';
import { createOffice } from '../../../mixins/running-office.ts';
import { eventually } from '../../harness/wait.ts';
import { Company, evolve, recordAll, rowsOf } from './company.ts';

const OF_HEAD = {
  name: 'visits',
  noun: 'Visit',
  fields: { guests: { kind: 'integer' as const } },
  policies: { fields: { guests: 'add' as const } },
};
const OF_WEST = {
  ...OF_HEAD,
  fields: {
    guests: { kind: 'text' as const, maxLength: 20 },
    mood: { kind: 'text' as const, maxLength: 20 },
  },
  policies: {},
};
const flag = (field: string): SchemaChangeInput => ({ kind: 'add-field', field, type: { kind: 'boolean' } });

function declaredAtWest() {
  const read = readDeclaration(OF_WEST);
  if ('problems' in read) throw new Error(read.problems.join('; '));
  return BUILT_IN.with([read.dataset]);
}

describe('a change that an office cannot carry out', () => {
  const company = new Company();
  const said: string[] = [];
  const journal = { info: () => {}, warn: (text: unknown) => said.push(String(text)), error: () => {} };
  const program: { createOffice: typeof createOffice } = {
    createOffice: (config, options) =>
      createOffice(config, { ...options, journal, datasets: declaredAtWest() }),
  };
  let head: Office;
  let west: Office;

  beforeAll(async () => {
    head = await company.open('head', 'sqlite');
    await head.ledger().addOffice({ office: 'west', name: 'west', subscribe: 'own' });
    west = await company.open('west', 'sqlite', program);
    await evolve(head, 'visits', { kind: 'add-dataset', declaration: OF_HEAD });
  });
  afterAll(() => company.end());

  it('is said in its log, and the changes after it are carried out', async () => {
    await evolve(head, 'visits', flag('mood'));
    await evolve(head, 'visits', flag('paid'));
    await eventually(() => expect(west.datasets.named('visits')).toMatchObject({ version: 3 }));
    expect(west.datasets.named('visits')!.fields).toMatchObject({
      mood: { kind: 'text' },
      paid: { kind: 'boolean' },
    });
    const line =
      /dataset-unfit.*visits version 2 is not carried out here: "mood" is or was a field of visits/;
    expect(said).toContainEqual(expect.stringMatching(line));
    expect(west.datasets.unfit).toMatchObject([
      { dataset: 'visits', version: 1, reason: expect.stringContaining('"guests" (add-dataset)') },
      { dataset: 'visits', version: 2 },
    ]);
  });

  it('may be one of policies: those declared stay, the office sells, and starts again', async () => {
    const command = { type: 'change-policies', ...CATALOGUE_KEY, changes: 'visits' } as const;
    await head.ledger().submit({ command: { ...command, policies: { default: 'max' } }, actor: 'admin' });
    const line = /dataset-unfit.*visits version 3 .*"guests" cannot be added up/;
    await eventually(() => expect(said).toContainEqual(expect.stringMatching(line)));
    await company.close('west');
    said.length = 0;
    west = await company.open('west', 'sqlite', program);
    expect(said).toContainEqual(expect.stringMatching(line));
    expect(west.datasets.named('visits')!.policies).toMatchObject({ version: 1, fields: {} });
    await recordAll(west, ['a'], { guests: 'two', paid: true }, 'visits');
    expect(await rowsOf(west, 'visits', 'west')).toHaveLength(1);
  });
});
