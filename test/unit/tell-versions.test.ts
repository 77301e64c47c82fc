import { describe, expect, it } from '@jest/globals';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import type { Journal } from '../../mixins/office.ts';
import { tellVersions } from '../../mixins/tell-versions.ts';

const sales = BUILT_IN.named('sales')!;
const products = BUILT_IN.named('products')!;

describe('the log of an office', () => {
  it('tells which datasets have come and which have another version, once each', () => {
    const told: string[] = [];
    let changed = (): void => {};
    const datasets = {
      all: [sales] as readonly Dataset[],
      onChanged: (listener: () => void) => void (changed = listener),
    };
    const journal: Pick<Journal, 'info'> = { info: (text: string) => void told.push(text) };
    tellVersions(datasets, journal);
    datasets.all = [{ ...sales, version: 3 }, products];
    changed();
    changed();
    expect(told).toEqual(['The dataset sales has version 3 now.', 'The dataset products has version 1 now.']);
  });
});
