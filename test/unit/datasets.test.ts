import fc from 'fast-check';
import { checkDataset } from '../../domain/datasets/check-dataset.ts';
import type { Dataset, FieldType } from '../../domain/datasets/dataset.ts';
import { checkValue, isCanonicalValue } from '../../domain/datasets/field-value.ts';
import { valueFromText } from '../../domain/datasets/from-text.ts';
import { eventType, verbOf } from '../../domain/datasets/event-types.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { flawOfData, flawOfWrites, validateFields } from '../../domain/datasets/validate.ts';
import type { DomainError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/event.ts';
import { caught } from './caught.ts';

const SALE = { soldOn: '2026-04-01', product: 'Paper', region: 'East', qty: 73, cost: '12.95', tax: '66.17' };

type Problem = { field: string; reason: string };
const problemsOf = (run: () => unknown) => {
  const error = caught(run) as DomainError;
  expect(error).toMatchObject({ type: 'invalid-input' });
  return error.data['problems'] as Problem[];
};

describe('recording a sale', () => {
  it('takes what is needed, and makes decimals canonical', () => {
    expect(validateFields(sales, { ...SALE, cost: '012.9500', tax: 0 }, 'record')).toEqual({
      ...SALE,
      cost: '12.95',
      tax: '0',
    });
  });

  it('lists everything that is wrong at once', () => {
    const input = {
      product: '',
      region: 'x'.repeat(101),
      qty: 1.5,
      cost: 'abc',
      tax: '1.23456',
      colour: 'red',
      total: 1,
    };
    expect(problemsOf(() => validateFields(sales, input, 'record'))).toEqual([
      { field: 'colour', reason: 'is not a field of sales' },
      { field: 'total', reason: 'is computed and cannot be set' },
      { field: 'soldOn', reason: 'is required' },
      { field: 'product', reason: 'must not be empty' },
      { field: 'region', reason: 'must have at most 100 characters' },
      { field: 'qty', reason: 'must be a whole number' },
      { field: 'cost', reason: 'must be a decimal number such as "12.95"' },
      { field: 'tax', reason: 'must have at most 14 digits before the point and 4 after it' },
    ]);
  });

  it('sees nothing in names that objects have anyway', () => {
    const hostile = JSON.parse('{"__proto__":{"qty":1},"constructor":1}') as Record<string, unknown>;
    expect(problemsOf(() => validateFields(sales, hostile, 'amend')).map(({ field }) => field)).toEqual([
      '__proto__',
      'constructor',
    ]);
    const inherited = Object.create(SALE) as Record<string, unknown>;
    expect(problemsOf(() => validateFields(sales, inherited, 'record'))).toHaveLength(6);
  });

  it('keeps text byte for byte', () => {
    const product = 'Pape\u0301r \u{1f600}  ';
    expect(validateFields(sales, { product }, 'amend')).toEqual({ product });
  });

  it('amends only what is given', () => {
    expect(validateFields(sales, { qty: 74 }, 'amend')).toEqual({ qty: 74 });
    expect(validateFields(sales, {}, 'amend')).toEqual({});
    expect(problemsOf(() => validateFields(sales, { qty: null }, 'amend'))).toEqual([
      { field: 'qty', reason: 'is required' },
    ]);
  });

  it('gives what it takes when it is given again', () => {
    const once = validateFields(sales, { ...SALE, cost: 12.95 }, 'record');
    expect(validateFields(sales, once, 'record')).toEqual(once);
    expect(flawOfData(sales, once)).toBeNull();
  });
});

describe('a value of a field', () => {
  const money: FieldType = { kind: 'decimal', precision: 18, scale: 4 };
  const small: FieldType = { kind: 'integer', min: -5, max: 5 };
  const three: FieldType = { kind: 'text', maxLength: 3 };
  const date: FieldType = { kind: 'date' };
  const moment: FieldType = { kind: 'timestamp' };
  const size: FieldType = { kind: 'enum', values: ['S', 'M'] };
  const other: FieldType = { kind: 'reference', dataset: 'products' };

  it.each<[FieldType, unknown, JsonValue]>([
    [money, '12.950', '12.95'],
    [money, 12.95, '12.95'],
    [money, -0, '0'],
    [money, 99999999999.9999, '99999999999.9999'],
    [money, '99999999999999.9999', '99999999999999.9999'],
    [small, -5, -5],
    [small, -0, 0],
    [three, '', ''],
    [three, '👍👍👍', '👍👍👍'],
    [date, '0001-01-01', '0001-01-01'],
    [date, '9999-12-31', '9999-12-31'],
    [date, '2024-02-29', '2024-02-29'],
    [date, '2000-02-29', '2000-02-29'],
    [moment, '2026-04-01T09:30:00.123Z', '2026-04-01T09:30:00.123Z'],
    [moment, '2026-04-01T09:30:00Z', '2026-04-01T09:30:00.000Z'],
    [{ kind: 'boolean' }, false, false],
    [size, 'M', 'M'],
    [other, 'Pencil 7', 'Pencil 7'],
  ])('%j takes %j as %j', (type, input, value) => {
    const checked = checkValue(type, input);
    expect(checked).toEqual({ value });
    expect(Object.is((checked as { value: unknown }).value, -0)).toBe(false);
    expect(isCanonicalValue(type, value)).toBe(true);
  });

  it.each<[FieldType, unknown]>([
    [money, '1e3'],
    [money, 1e21],
    [money, 0.00001],
    [money, 549988657036.6475],
    [money, 99999999999999],
    [money, '100000000000000'],
    [money, Number.NaN],
    [money, true],
    [money, ['1']],
    [small, 6],
    [small, '5'],
    [small, 2 ** 53],
    [three, 'four'],
    [three, '👍👍👍👍'],
    [three, 'a\0'],
    [three, '\ud800'],
    [three, 7],
    [date, '0000-01-01'],
    [date, '10000-01-01'],
    [date, '2026-02-29'],
    [date, '1900-02-29'],
    [date, '2026-13-01'],
    [date, '2026-00-01'],
    [date, '2026-04-31'],
    [date, '2026-4-1'],
    [date, '2026-04-01T00:00:00.000Z'],
    [moment, '2026-04-01'],
    [moment, '2026-04-01T09:30:00+02:00'],
    [moment, '2026-04-01T24:00:00Z'],
    [{ kind: 'boolean' }, 'true'],
    [size, 'L'],
    [other, ''],
    [other, 'a\nb'],
    [other, 'x'.repeat(129)],
  ])('%j refuses %j', (type, input) => expect(checkValue(type, input)).toHaveProperty('reason'));

  it('is a date exactly when the calendar has it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.nat(14), fc.nat(33), (year, month, day) => {
        const text = [
          String(year).padStart(4, '0'),
          String(month).padStart(2, '0'),
          String(day).padStart(2, '0'),
        ].join('-');
        const parsed = new Date(`${text}T00:00:00.000Z`);
        const exists = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
        expect('value' in checkValue(date, text)).toBe(exists);
      }),
      { numRuns: 1000 },
    );
  });

  it('is a JSON number only where no digit can have been lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 15) + 1, max: 10 ** 15 - 1 }), (scaled) => {
        const text = `${scaled < 0 ? '-' : ''}${String(Math.abs(scaled))
          .padStart(5, '0')
          .replace(/(\d{4})$/, '.$1')}`;
        expect(checkValue(money, JSON.parse(text))).toEqual(checkValue(money, text));
      }),
    );
  });
});

describe('data of any origin', () => {
  it.each<[string, Record<string, JsonValue>, string]>([
    ['an unknown field', { ...SALE, colour: 'red' }, 'colour is not a field of sales'],
    ['a computed field', { ...SALE, total: '1' }, 'total is not a field of sales'],
    ['a decimal in another form', { ...SALE, cost: '12.950' }, 'cost has no value that sales can hold'],
    ['a decimal as a number', { ...SALE, cost: 12 }, 'cost has no value that sales can hold'],
    ['a value out of its limits', { ...SALE, qty: 2_000_000 }, 'qty has no value that sales can hold'],
  ])('may not hold %s', (_, data, flaw) => expect(flawOfData(sales, data)).toBe(flaw));

  it('may leave out what is required today, or was not when it was written', () => {
    expect(flawOfData(sales, { soldOn: '2026-04-01', qty: null })).toBeNull();
  });

  it('may leave out fields when it amends or rules', () => {
    expect(flawOfData(sales, { qty: 1 })).toBeNull();
    expect(flawOfWrites(sales, { qty: 1, $status: 'voided' })).toBeNull();
    expect(flawOfWrites(sales, { $status: 'gone' })).toBe('$status is no status');
    expect(flawOfWrites(sales, { qty: 'x' })).toBe('qty has no value that sales can hold');
  });
});

describe('a cell of a sheet', () => {
  it.each<[FieldType, string, unknown]>([
    [{ kind: 'integer', min: 0, max: 9 }, ' 73 ', 73],
    [{ kind: 'integer', min: 0, max: 9 }, '7.5', '7.5'],
    [{ kind: 'text', maxLength: 9 }, ' kept ', ' kept '],
    [{ kind: 'decimal', precision: 9, scale: 2 }, ' 12.95', '12.95'],
    [{ kind: 'date' }, '', null],
    [{ kind: 'boolean' }, 'Yes', true],
    [{ kind: 'boolean' }, '0', false],
    [{ kind: 'boolean' }, 'maybe', 'maybe'],
  ])('for %j: "%s" means %j', (type, cell, value) => expect(valueFromText(type, cell)).toBe(value));
});

describe('computed fields of sales', () => {
  it.each([
    [73, '12.95', '66.17', '945.35', '1011.52'],
    [33, '12.95', '29.91', '427.35', '457.26'],
    [14, '2.19', '2.15', '30.66', '32.81'],
    [40, '2.19', '6.13', '87.6', '93.73'],
    [21, '12.95', '19.04', '271.95', '290.99'],
    [10, '12.95', '9.07', '129.5', '138.57'],
    [-2, '0.0001', '-0.0001', '-0.0002', '-0.0003'],
  ])('%i pieces at %s with %s tax', (qty, cost, tax, amount, total) => {
    expect(sales.computed['amount']!.compute({ qty, cost, tax })).toBe(amount);
    expect(sales.computed['total']!.compute({ qty, cost, tax })).toBe(total);
  });
});

describe('declarations', () => {
  it('that ship are right, and found by name', () => {
    for (const dataset of BUILT_IN.all) expect(() => checkDataset(dataset)).not.toThrow();
    expect(BUILT_IN.named('sales')).toBe(sales);
    expect(BUILT_IN.named('constructor')).toBeNull();
  });

  it('give their event types', () => {
    expect(eventType(sales, 'Recorded')).toBe('SaleRecorded');
    expect(verbOf(sales, 'SaleVoided')).toBe('Voided');
    expect(verbOf(sales, 'SaleExploded')).toBeNull();
    expect(verbOf(sales, 'ProductVoided')).toBeNull();
  });

  const text = { kind: 'text', maxLength: 9, required: true, label: 'x' } as const;
  it.each<[string, Partial<Dataset>]>([
    ['a bad name', { name: 'Sales' }],
    ['a bad noun', { noun: 'sale' }],
    ['no version', { version: 0 }],
    ['no fields', { fields: {} }],
    ['a bad field name', { fields: { sold_on: text } }],
    ['a name that every row has', { fields: { deletedAt: text } }],
    ['a name that every object has', { fields: { toString: text } }],
    ['names that differ in case only', { fields: { soldon: text, soldOn: text } }],
    ['a text without a limit', { fields: { a: { ...text, maxLength: 0 } } }],
    [
      'more digits than 64 bits hold',
      { fields: { a: { kind: 'decimal', precision: 19, scale: 5, required: true, label: 'x' } } },
    ],
    [
      'more than 14 digits before the point',
      { fields: { a: { kind: 'decimal', precision: 18, scale: 3, required: true, label: 'x' } } },
    ],
    [
      'limits the wrong way round',
      { fields: { a: { kind: 'integer', min: 2, max: 1, required: true, label: 'x' } } },
    ],
    ['an enum without values', { fields: { a: { kind: 'enum', values: [], required: true, label: 'x' } } }],
    ['a kind that does not exist', { fields: { a: { ...text, kind: 'blob' } as never } }],
    ['a policy for no field', { policies: { ...sales.policies, fields: { colour: 'latest' } } }],
    ['text that is to be added up', { policies: { ...sales.policies, fields: { product: 'add' } } }],
    ['policies without a version', { policies: { ...sales.policies, version: 0 } }],
  ])('with %s are refused', (_, change) => {
    const error = caught(() => checkDataset({ ...sales, computed: {}, ...change }));
    expect(error).toMatchObject({ type: 'invalid-dataset' });
  });
});
