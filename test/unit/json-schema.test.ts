import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { type DatasetDeclaration, readDeclaration } from '../../domain/datasets/declaration.ts';
import { orNull, schemaOfField, schemaOfFields } from '../../services/gateway/json-schema.ts';

const VISITS: DatasetDeclaration = {
  name: 'visits',
  noun: 'Visit',
  fields: {
    mood: { kind: 'enum', values: ['good', 'bad'] },
    way: { kind: 'enum', values: ['in', 'out'], required: true },
    sale: { kind: 'reference', dataset: 'sales' },
  },
};

describe('what is described of a dataset', () => {
  it('lets an optional enum be null, and a required one not', () => {
    const read = readDeclaration(VISITS);
    if ('problems' in read) throw new Error('not read');
    const takes = new Ajv({ logger: false }).compile(schemaOfFields(read.dataset, false));
    expect(takes({ mood: null, way: 'in' })).toBe(true);
    expect(takes({ mood: 'bad', way: 'in', sale: null })).toBe(true);
    expect(takes({ mood: 'fine', way: 'in' })).toBe(false);
    expect(takes({ way: null })).toBe(false);
    const shown = new Ajv({ logger: false }).compile(orNull(schemaOfField(read.dataset.fields['mood']!)));
    expect([shown(null), shown('good'), shown('fine')]).toEqual([true, true, false]);
  });
});
