import type { Dataset } from '../../domain/datasets/dataset.ts';
import { addedDataset, datasetAt, evolveDataset, keyOfField } from '../../domain/datasets/evolution.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { readChanges, type SchemaChangeInput } from '../../domain/datasets/schema-change.ts';
import { products } from '../../domain/datasets/products.ts';

type AddField = Extract<SchemaChangeInput, { kind: 'add-field' }>;
const CHANNEL: AddField['type'] = { kind: 'enum', values: ['shop', 'web'], required: true };
const addChannel: AddField = {
  kind: 'add-field',
  field: 'channel',
  type: CHANNEL,
  default: 'shop',
};

const VISITS = {
  name: 'visits',
  noun: 'Visit',
  fields: { day: { kind: 'date', required: true }, guests: { kind: 'integer' } },
} as const;

function evolved(dataset: Dataset, ...changes: SchemaChangeInput[]) {
  const read = readChanges(changes);
  return 'problems' in read ? read : evolveDataset(dataset, read.changes);
}

function next(dataset: Dataset, ...changes: SchemaChangeInput[]): Dataset {
  const result = evolved(dataset, ...changes);
  if ('problems' in result) throw new Error(result.problems.join('; '));
  return result.dataset;
}

describe('the next version of a dataset', () => {
  it('has every change, and knows the versions before it', () => {
    const second = next(sales, addChannel, { kind: 'rename-field', field: 'region', to: 'area' });
    const third = next(
      second,
      { kind: 'widen-field', field: 'product', to: { maxLength: 400 } },
      { kind: 'make-optional', field: 'area' },
      { kind: 'add-values', field: 'channel', values: ['phone'] },
    );
    expect(third).toMatchObject({
      version: 3,
      fields: {
        channel: {
          kind: 'enum',
          values: ['shop', 'web', 'phone'],
          required: true,
          default: 'shop',
          label: 'channel',
        },
        region: { name: 'area', required: false, label: 'Region' },
        product: { maxLength: 400 },
      },
    });
    expect(datasetAt(third, 2)).toBe(second);
    expect(datasetAt(third, 1)).toBe(sales);
    expect(datasetAt(third, 3)).toBe(third);
    expect(keyOfField(third, 'area')).toBe('region');
    expect(keyOfField(third, 'region')).toBe('region');
    expect(keyOfField(third, 'aisle')).toBeNull();
  });

  it('can have its first name again, and no other that a field has or had', () => {
    const renamed = next(sales, { kind: 'rename-field', field: 'region', to: 'area' });
    const back = next(renamed, { kind: 'rename-field', field: 'area', to: 'region' });
    expect(back.fields['region']).toEqual(sales.fields['region']);
    expect(evolved(renamed, { kind: 'rename-field', field: 'product', to: 'Region' })).toEqual({
      problems: [`"product" cannot be called "Region": that is or was a field's name`],
    });
  });

  it('may be given the limits that stay, with those that are widened', () => {
    const rated = next(sales, {
      kind: 'add-field',
      field: 'stars',
      type: { kind: 'integer', min: 0, max: 5 },
    });
    const wide = next(rated, { kind: 'widen-field', field: 'stars', to: { min: 0, max: 10 } });
    expect(wide.fields['stars']).toMatchObject({ min: 0, max: 10 });
    expect(evolved(rated, { kind: 'widen-field', field: 'stars', to: { min: 1, max: 10 } })).toEqual({
      problems: ['"stars" already has the min 0; it can only be widened'],
    });
  });

  it('keeps a retired field', () => {
    const retired = next(products, { kind: 'retire-field', field: 'price' });
    expect(retired.fields['price']).toMatchObject({ kind: 'decimal', required: false, retired: true });
  });

  it.each<[string, SchemaChangeInput[], string]>([
    ['a field that is there', [{ ...addChannel, field: 'Qty' }], '"Qty" is or was a field of sales already'],
    ['a computed one', [{ ...addChannel, field: 'total' }], '"total" is or was a field of sales already'],
    [
      'a name of every row',
      [{ ...addChannel, field: 'office' }],
      '"office" is a name that every row has already',
    ],
    [
      'a required field without a default',
      [{ kind: 'add-field', field: 'channel', type: CHANNEL }],
      '"channel" is required and needs a default, for what is there already',
    ],
    [
      'a default of another type',
      [{ ...addChannel, default: 'mail' }],
      '"channel" has a default that must be one of shop, web',
    ],
    ['an unknown field', [{ kind: 'retire-field', field: 'aisle' }], '"aisle" is not a field of sales'],
    [
      'to retire what a computed field needs',
      [{ kind: 'retire-field', field: 'tax' }],
      '"tax" cannot be retired: "total" is worked out from it',
    ],
    [
      'a limit that shrinks',
      [{ kind: 'widen-field', field: 'product', to: { maxLength: 100 } }],
      '"product" already has the maxLength 200; it can only be widened',
    ],
    [
      'a limit that it has not',
      [{ kind: 'widen-field', field: 'qty', to: { maxLength: 100 } }],
      '"qty" has no maxLength to be widened',
    ],
    [
      'limits that stay as they are',
      [{ kind: 'widen-field', field: 'product', to: { maxLength: 200 } }],
      '"product" is as wide already',
    ],
    [
      'a value that is there',
      [addChannel, { kind: 'add-values', field: 'channel', values: ['web'] }],
      '"channel" needs values that differ',
    ],
    [
      'values of what is no list',
      [{ kind: 'add-values', field: 'region', values: ['x'] }],
      '"region" has no list of values',
    ],
    [
      'to touch what was retired',
      [addChannel, { kind: 'retire-field', field: 'channel' }, { kind: 'make-optional', field: 'channel' }],
      '"channel" was retired',
    ],
    [
      'a dataset in a dataset',
      [{ kind: 'add-dataset', declaration: VISITS }],
      'there is a dataset "sales" already',
    ],
  ])('is refused for %s', (_, changes, problem) => {
    expect(evolved(sales, ...changes)).toEqual({ problems: [problem] });
  });

  it('says all that is wrong at once', () => {
    expect(
      evolved(sales, { kind: 'retire-field', field: 'a1' }, { kind: 'make-optional', field: 'b1' }),
    ).toEqual({ problems: ['"a1" is not a field of sales', '"b1" is not a field of sales'] });
  });
});

describe('a dataset that an event adds', () => {
  it('is what its declaration says', () => {
    const read = readChanges([{ kind: 'add-dataset', declaration: VISITS }]);
    if ('problems' in read) throw new Error('not read');
    expect(addedDataset(JSON.parse(JSON.stringify(read.changes)))).toMatchObject({
      dataset: { name: 'visits', version: 1, scope: 'office', fields: { guests: { kind: 'integer' } } },
    });
  });

  it('is refused with all that is wrong', () => {
    const read = readChanges([{ kind: 'add-dataset', declaration: { ...VISITS, name: 'Visits!' } }]);
    if ('problems' in read) throw new Error('not read');
    expect(addedDataset(read.changes)).toEqual({
      problems: [expect.stringContaining('its name must match')],
    });
  });
});

describe('changes as they are written down', () => {
  it.each([
    [[], 'Too small'],
    [[{ kind: 'drop-field', field: 'qty' }], '0.kind must be one of add-field'],
    [[{ kind: 'rename-field', field: 'qty' }], '0.to must be given'],
    [[{ kind: 'add-field', field: 'x', type: { kind: 'colour' } }], '0.type.kind must be one of text'],
    [[{ kind: 'retire-field', field: 'qty', at: 'once' }], '0 must not have "at"'],
    ['add channel', 'must be a list'],
  ])('are refused: %j', (given, problem) => {
    expect(readChanges(given)).toEqual({
      problems: expect.arrayContaining([expect.stringContaining(problem)]),
    });
  });
});
