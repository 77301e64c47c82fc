import { changePolicies, onePolicyForAll, policyNamed } from '../../domain/conflict/change-policies.ts';
import type { CustomPolicy, DatasetPolicies } from '../../domain/conflict/policy.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { stock } from '../../domain/datasets/stock.ts';

const closest: CustomPolicy = { name: 'closest', rule: ([first]) => ({ value: first!.value }) };
const withCustom: Dataset = { ...sales, policies: { ...sales.policies, custom: [closest] } };

function policiesAfter(dataset: Dataset, change: object): DatasetPolicies {
  const changed = changePolicies(dataset, change);
  if ('problems' in changed) throw new Error(changed.problems.join('; '));
  return changed.dataset.policies;
}

describe('a change of policies', () => {
  it('leaves as it is what it does not name, and counts up the version', () => {
    expect(policiesAfter(sales, { fields: { cost: 'head-wins' } })).toEqual({
      ...sales.policies,
      version: 2,
      fields: { cost: 'head-wins', tax: 'manual' },
    });
    expect(policiesAfter(sales, { default: 'max', void: 'manual' })).toEqual({
      ...sales.policies,
      version: 2,
      default: 'max',
      void: 'manual',
    });
  });

  it('takes a custom policy by its name in the declaration, or as it is', () => {
    expect(policiesAfter(withCustom, { fields: { cost: 'closest' } }).fields['cost']).toBe(closest);
    const failing = { name: 'ours', rule: () => Number.NaN.toFixed(1_000) };
    const { rule } = policiesAfter(sales, { fields: { tax: failing } }).fields['tax'] as CustomPolicy;
    expect(rule([], undefined)).toBeNull();
    expect(policyNamed(sales, 'closest')).toBeNull();
  });

  it.each<[string, Dataset, object, RegExp]>([
    ['an unknown policy', sales, { fields: { cost: 'mine' } }, /^cost must be one of latest, .*, manual$/],
    ['an unknown field', sales, { fields: { price: 'max' } }, /"price" is not a field of sales/],
    ['an unknown policy for voids', sales, { void: 'max' }, /^void must be one of void-wins/],
    ['something else', sales, { version: 7 }, /version/],
    [
      'counting what was not counted',
      sales,
      { fields: { qty: 'add' } },
      /"qty" of sales cannot begin to count/,
    ],
    ['not counting any more', stock, { fields: { quantity: 'max' } }, /"quantity" of stock counts/],
    ['counting everything', stock, { default: 'add' }, /name the fields that count/],
  ])('refuses %s', (_, dataset, change, problem) => {
    expect(changePolicies(dataset, change)).toEqual({ problems: [expect.stringMatching(problem)] });
  });

  it('of one policy for all leaves alone what counts', () => {
    expect(policiesAfter(stock, onePolicyForAll(stock, 'latest'))).toMatchObject({
      default: 'latest',
      fields: { quantity: 'add' },
      void: 'latest',
    });
    expect(policiesAfter(sales, onePolicyForAll(sales, 'max'))).toMatchObject({
      default: 'max',
      fields: { cost: 'max', tax: 'max' },
      void: 'void-wins',
    });
    expect(onePolicyForAll(sales, 'amend-wins')).toEqual({ void: 'amend-wins' });
  });
});
