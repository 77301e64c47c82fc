import { describe, expect, it } from '@jest/globals';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { evolveDataset } from '../../domain/datasets/evolution.ts';
import type { SchemaChange } from '../../domain/datasets/schema-change.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { formerNames, whatBecameOf } from '../../domain/datasets/shown.ts';

/** One version for each change. */
const after = (...changes: SchemaChange[]) =>
  changes.reduce((dataset, change) => {
    const evolved = evolveDataset(dataset, [change]);
    return (evolved as { dataset: Dataset }).dataset;
  }, sales as Dataset);
const rename = (field: string, to: string): SchemaChange => ({ kind: 'rename-field', field, to });

describe('names that fields had', () => {
  it('are all known, and none that a field has now', () => {
    const dataset = after(rename('region', 'area'), rename('area', 'zone'), rename('zone', 'country'));
    expect([...formerNames(dataset)]).toEqual([
      ['region', 'region'],
      ['zone', 'region'],
      ['area', 'region'],
    ]);
    expect(whatBecameOf(dataset, 'area')).toBe('is called "country" now');
    expect(whatBecameOf(dataset, 'continent')).toBeNull();
    const back = after(rename('region', 'area'), rename('area', 'region'));
    expect([...formerNames(back)]).toEqual([['area', 'region']]);
  });

  it('mean the field that had them last', () => {
    const first = [rename('region', 'area'), rename('area', 'zone'), rename('product', 'area')];
    expect([...formerNames(after(...first)).keys()]).not.toContain('area');
    const dataset = after(...first, rename('area', 'article'));
    expect(formerNames(dataset).get('area')).toBe('product');
  });

  it('are those of a retired field too', () => {
    const dataset = after(rename('region', 'area'), rename('area', 'zone'), {
      kind: 'retire-field',
      field: 'zone',
    });
    for (const name of ['region', 'area', 'zone']) expect(whatBecameOf(dataset, name)).toBe('was retired');
  });
});
