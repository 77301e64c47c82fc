import { describe, expect, it } from '@jest/globals';
import { parsePairs } from '../../mixins/import/mapping-text.ts';

describe('parsePairs', () => {
  it('splits at commas outside of quotes and brackets', () => {
    const pairs = parsePairs([
      'soldOn=Order Date,product="Product, Name"',
      "cost=[a, b] / 2,region='East, x'",
      'tax=0',
    ]);
    expect(pairs).toEqual({
      soldOn: 'Order Date',
      product: 'Product, Name',
      cost: '[a, b] / 2',
      region: "'East, x'",
      tax: '0',
    });
  });

  it('keeps an equals sign in the value, and refuses what is no pair', () => {
    expect(parsePairs(['a=b=c'])).toEqual({ a: 'b=c' });
    expect(() => parsePairs(['Region'])).toThrow(/is not NAME=VALUE/);
    expect(() => parsePairs(['customer=Smith, John'])).toThrow(/" John" .*double quotes/);
  });
});
