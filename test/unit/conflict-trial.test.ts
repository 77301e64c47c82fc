import { changePolicies } from '../../domain/conflict/change-policies.ts';
import { addTrials, NO_TRIALS, sumOf, tryOn } from '../../domain/conflict/trial.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { amends, offices, resolves, rulesAt } from './conflict-story.ts';
import type { Teller } from './story.ts';

/** 73 x 12.95 + 66.17, of which east makes the price 13 and the head 12. */
function disputed(): { east: Teller; head: Teller } {
  const { east, head } = offices();
  amends(east, { cost: '13', product: 'Pens' }, 1);
  amends(head, { cost: '12', product: 'Ink' }, 2);
  head.hearsAllFrom(east);
  return { east, head };
}

/** As the office would see it: with the head's newest case on the sale. */
function trial({ cases, events }: Teller, change: object, base: Dataset = sales) {
  const changed = changePolicies(base, change);
  if ('problems' in changed) throw new Error(changed.problems.join('; '));
  return tryOn(cases.at(-1)!, changed.dataset, events, 'head');
}

describe('trying policies', () => {
  it('says what another policy would have made of a ruling, to the cent', () => {
    const { head } = disputed();
    resolves(head, head.openCase!, { cost: '12', product: 'Ink' }, { cost: 'manual' }, 'manual');
    expect(trial(head, { fields: { cost: 'max' } })).toMatchObject({
      outcome: 'differs',
      stands: { cost: '12', product: 'Ink' },
      would: { cost: '13', product: 'Ink' },
      money: { cost: '1', amount: '73', total: '73' },
    });
    expect(trial(head, { fields: { cost: 'min' } })).toMatchObject({ outcome: 'same', money: {} });
    expect(trial(head, {})).toMatchObject({ outcome: 'left', undecided: ['cost'], money: {} });
  });

  it('takes the sale as it was when it was ruled on, whatever was made of it since', () => {
    const { head } = disputed();
    resolves(head, head.openCase!, { cost: '12', product: 'Ink' }, { cost: 'manual' }, 'manual');
    amends(head, { qty: 1_000, cost: '99' });
    expect(trial(head, { fields: { cost: 'max' } }).money).toEqual({ cost: '1', amount: '73', total: '73' });
  });

  it('holds an open one against what is shown meanwhile', () => {
    const { head } = disputed();
    expect(trial(head, { fields: { cost: 'owner-wins' } })).toMatchObject({
      outcome: 'differs',
      stands: { cost: '12' },
      would: { cost: '13' },
    });
    expect(trial(head, { fields: { cost: 'latest' } })).toMatchObject({ outcome: 'same' });
  });

  it('counts what was ruled in parts, and overruled, as it stands in the end', () => {
    const { head } = disputed();
    rulesAt(head, sales); // the product; the price waits
    expect(head.openCase?.fields).toEqual(['cost']);
    amends(head, { product: 'Chalk' }); // no ruling's doing
    resolves(head, head.openCase!, { cost: '13' }, { cost: 'manual' }, 'manual');
    const result = trial(head, { default: 'owner-wins', fields: { cost: 'min' } });
    expect(result).toMatchObject({
      stands: { cost: '13', product: 'Ink' },
      would: { cost: '12', product: 'Pens' },
      money: { cost: '-1', amount: '-73', total: '-73' },
    });
  });

  it('counts a sale that would be voided, or would not, as all of its money', () => {
    const { east, head } = offices();
    head.does({ type: 'void' });
    amends(east, { qty: 74 });
    head.hearsAllFrom(east);
    rulesAt(head, sales);
    expect(trial(head, { void: 'amend-wins' })).toMatchObject({
      stands: { $status: 'voided' },
      would: { $status: 'live' },
      money: { amount: '958.3', total: '1024.47' },
    });
  });

  it('changes nothing', () => {
    const { head } = disputed();
    const before = JSON.stringify([head.state, head.cases, head.events]);
    trial(head, { fields: { cost: 'max' } });
    expect(JSON.stringify([head.state, head.cases, head.events])).toBe(before);
  });

  it('adds up exactly', () => {
    const { head } = disputed();
    const one = sumOf(trial(head, { fields: { cost: 'owner-wins' } }));
    const other = { ...one, money: { 'sales.total': '0.0001', 'goods.price': '-2' } };
    expect(addTrials(addTrials(NO_TRIALS, one), other)).toEqual({
      cases: 2,
      same: 0,
      differs: 2,
      left: 0,
      money: { 'sales.cost': '1', 'sales.amount': '73', 'sales.total': '73.0001', 'goods.price': '-2' },
    });
  });
});
