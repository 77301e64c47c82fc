import type { ConflictCase } from '../../domain/conflict/case.ts';
import type { FieldPolicy, VoidPolicy } from '../../domain/conflict/policy.ts';
import { resolutionEventId, ruleOn } from '../../domain/conflict/rule.ts';
import { sales } from '../../domain/datasets/sales.ts';
import type { JsonValue } from '../../domain/event.ts';
import { statusOf, winningValues } from '../../domain/office/present.ts';
import { SALE, Teller } from './story.ts';
import { testHasher } from './test-hasher.ts';
import { amends, offices, rulesAt, withPolicies } from './conflict-story.ts';

describe('automatic policies', () => {
  const earlier = { qty: 5, cost: '9.5', product: 'Pens' };
  const later = { qty: 4, cost: '10', product: 'Ink' };
  const dispute = (dataset = sales) => {
    const { east, head } = offices(dataset);
    amends(east, earlier, 1);
    amends(head, later, 2);
    head.hearsAllFrom(east);
    return head.openCase!;
  };
  const custom = (rule: () => { value: JsonValue } | null): FieldPolicy => ({ name: 'ours', rule });

  it.each<[string, FieldPolicy, string, JsonValue | undefined]>([
    ['latest', 'latest', 'qty', 4],
    ['head-wins', 'head-wins', 'qty', 4],
    ['owner-wins', 'owner-wins', 'qty', 5],
    ['max of integers', 'max', 'qty', 5],
    ['min of integers', 'min', 'qty', 4],
    ['max of decimals, by size and not by letters', 'max', 'cost', '10'],
    ['min of decimals', 'min', 'cost', '9.5'],
    ['max of texts', 'max', 'product', 'Pens'],
    ['add of integers: 73 - 68 - 69', 'add', 'qty', -64],
    ['add of decimals: 12.95 - 3.45 - 2.95', 'add', 'cost', '6.55'],
    ['manual', 'manual', 'qty', undefined],
    ['a custom rule', custom(() => ({ value: 5 })), 'qty', 5],
    ['a custom rule that goes back to what was there', custom(() => ({ value: 73 })), 'qty', 73],
    ['a custom rule that brings what nobody wrote', custom(() => ({ value: 42 })), 'qty', undefined],
    ['a custom rule that passes', custom(() => null), 'qty', undefined],
    ['a custom rule gone wrong', custom(() => ({ value: 'x' })), 'qty', undefined],
  ])('%s', (_, policy, field, expected) => {
    const dataset = withPolicies({ fields: { [field]: policy } });
    const ruling = ruleOn(dispute(dataset), dataset, 'head');
    expect(ruling.writes[field]).toEqual(expected);
    expect(ruling.policies[field]).toBe(
      expected === undefined ? undefined : typeof policy === 'string' ? policy : 'ours',
    );
    expect(ruling.undecided.includes(field)).toBe(expected === undefined);
  });

  it.each<[string, FieldPolicy, string, JsonValue | undefined]>([
    ['head-wins takes what the head wrote, however early', 'head-wins', 'head', 5],
    ['head-wins takes the latest where the head wrote nothing', 'head-wins', 'north', 4],
    ['owner-wins takes the latest where the owner wrote nothing', 'owner-wins', 'head', 4],
  ])('%s', (_, policy, head, expected) => {
    const [early, late] = [new Teller('head'), new Teller('west')];
    early.does({ type: 'record', fields: { ...SALE, qty: 5 } }, 1);
    late.does({ type: 'record', fields: { ...SALE, qty: 4 } }, 2);
    early.hearsAllFrom(late);
    const ruling = ruleOn(early.openCase!, withPolicies({ fields: { qty: policy } }), head);
    expect(ruling.writes).toEqual({ qty: expected });
  });

  it('take the head for the owner of what is shared', () => {
    const open = { ...dispute(), scope: 'shared' };
    const policies = withPolicies({ fields: { qty: 'owner-wins' } });
    expect(ruleOn(open, policies, 'head').writes['qty']).toBe(4);
    expect(ruleOn(open, policies, 'east').writes['qty']).toBe(5);
  });

  it('find the largest and smallest of three numbers by size', () => {
    const { east, head, west } = offices();
    amends(east, { qty: 9 }, 3);
    amends(head, { qty: 10 }, 2);
    amends(west, { qty: 100 }, 1);
    head.hearsAllFrom(east);
    head.hearsAllFrom(west);
    const by = (policy: FieldPolicy) =>
      ruleOn(head.openCase!, withPolicies({ fields: { qty: policy } }), 'head').writes['qty'];
    expect([by('max'), by('min')]).toEqual([100, 9]);
  });

  it('pass over what is unknown', () => {
    const open = dispute();
    const [unknown, other] = open.contenders;
    const side = { ...unknown!, values: { ...unknown!.values, qty: null, product: null } };
    const half: ConflictCase = { ...open, fields: ['product', 'qty'], contenders: [side, other!] };
    const by = (policy: FieldPolicy) => ruleOn(half, withPolicies({ default: policy, fields: {} }), 'head');
    expect(by('max').writes).toEqual({ product: other!.values['product'], qty: other!.values['qty'] });
    expect(by('min').writes).toEqual({ product: other!.values['product'], qty: other!.values['qty'] });
    const neither = { ...half, contenders: [side, { ...other!, values: side.values }] };
    expect(ruleOn(neither, withPolicies({ default: 'max', fields: {} }), 'head').writes['qty']).toBeNull();
  });

  it('leave a field that this program does not know to a person, unless they take a value as it is', () => {
    const open = dispute();
    const colours = ['red', 'blue'];
    const contenders = open.contenders.map((side, at) => ({
      ...side,
      values: { colour: colours[at]! },
      wroteAt: { colour: side.at },
    }));
    const unknown: ConflictCase = { ...open, fields: ['colour'], base: { colour: 'black' }, contenders };
    const by = (policy: FieldPolicy) => ruleOn(unknown, withPolicies({ default: policy }), 'head');
    expect(by(custom(() => ({ value: 'green' }))).undecided).toEqual(['colour']);
    expect(by('latest').writes).toEqual({ colour: 'blue' });
    expect(by('max').writes).toEqual({ colour: 'red' });
  });

  describe('add', () => {
    const adding = withPolicies({ fields: { qty: 'add' } });

    it('leaves a sum that the field cannot hold to a person', () => {
      const { east, head } = offices(adding);
      amends(east, { qty: 1_000_000 });
      amends(head, { qty: 999_999 });
      head.hearsAllFrom(east);
      expect(ruleOn(head.openCase!, adding, 'head').undecided).toEqual(['qty']);
    });

    it('adds what each of three sides added, whatever two of them had seen of each other', () => {
      const { east, head, west } = offices(adding);
      amends(west, { qty: 74 });
      amends(head, { qty: 80 });
      east.hearsAllFrom(head);
      amends(east, { qty: 81 }); // east and head share 80, west does not
      amends(head, { qty: 82 });
      const resolver = new Teller('head', 2, adding);
      for (const event of [...east.events, ...head.events, ...west.events]) resolver.hears(event);
      expect(ruleOn(resolver.openCase!, adding, 'head').writes).toEqual({ qty: 73 + 1 + 7 + 1 + 2 });
    });

    it('leaves a sum without a beginning, or with two, to a person', () => {
      const [east, head] = [new Teller('east', 1, adding), new Teller('head', 1, adding)];
      east.does({ type: 'record', fields: SALE });
      head.does({ type: 'record', fields: SALE });
      head.hearsAllFrom(east);
      expect(head.openCase).toMatchObject({ fields: ['qty'], totals: {} });
      expect(ruleOn(head.openCase!, adding, 'head').undecided).toEqual(['qty']);
    });

    it('forgets a sum that nobody can tell any more', () => {
      const { east, head } = offices(adding);
      amends(east, { qty: 74 });
      amends(head, { qty: 75 });
      head.hearsAllFrom(east);
      expect(head.openCase!.totals).toEqual({ qty: 76 });
      const other = new Teller('west', 1, adding);
      other.does({ type: 'record', fields: SALE });
      head.hearsAllFrom(other);
      expect(head.openCase!.totals).toEqual({});
    });
  });

  it('take the later write of each field, not of each side', () => {
    const { east, head } = offices();
    amends(east, { product: 'Pens' }, 1);
    amends(head, { product: 'Ink', qty: 4 }, 2);
    amends(east, { qty: 5 }, 3);
    head.hearsAllFrom(east);
    expect(ruleOn(head.openCase!, sales, 'head').writes).toEqual({ product: 'Ink', qty: 5 });
  });

  it.each<[VoidPolicy, 'void first' | 'edit first', JsonValue | undefined]>([
    ['void-wins', 'void first', 'voided'],
    ['void-wins', 'edit first', 'voided'],
    ['amend-wins', 'void first', 'live'],
    ['amend-wins', 'edit first', 'live'],
    ['latest', 'void first', 'live'],
    ['latest', 'edit first', 'voided'],
    ['manual', 'edit first', undefined],
  ])('%s with the %s', (policy, order, status) => {
    const { east, head } = offices();
    head.does({ type: 'void' }, order === 'void first' ? 1 : 2);
    amends(east, { qty: 5 }, order === 'void first' ? 2 : 1);
    head.hearsAllFrom(east);
    const dataset = withPolicies({ void: policy });
    expect(ruleOn(head.openCase!, dataset, 'head').writes['$status']).toBe(status);
    if (status === undefined) return;
    rulesAt(head, dataset);
    east.hearsAllFrom(head);
    expect(east.cases[0]).toMatchObject({ status: 'settled', rulings: [{ policies: { $status: policy } }] });
    expect(statusOf(east.state!)).toBe(status);
    expect(winningValues(east.state!)['qty']).toBe(5);
  });

  it('leaves the fields to the person who is to decide about the voiding', () => {
    const { east, head, west } = offices();
    head.does({ type: 'void' });
    amends(east, { qty: 5 });
    amends(west, { qty: 4 });
    for (const other of [east, west]) head.hearsAllFrom(other);
    const { writes, undecided } = ruleOn(head.openCase!, withPolicies({ void: 'manual' }), 'head');
    expect({ writes, undecided }).toEqual({ writes: {}, undecided: ['$status', 'qty'] });
  });

  it('amend-wins lets a sale stay voided that whoever had amended it has voided, too', () => {
    const { east, head } = offices();
    amends(east, { cost: '1' });
    head.does({ type: 'void' });
    east.does({ type: 'void' });
    head.hearsAllFrom(east);
    expect(ruleOn(head.openCase!, withPolicies({ void: 'amend-wins' }), 'head').writes).toEqual({
      $status: 'voided',
    });
  });

  it('name the ruling alike at two nodes, and otherwise for a part, a policy version or a side more', () => {
    const open = dispute();
    const id = resolutionEventId(open, 1, testHasher);
    expect(resolutionEventId(structuredClone(open), 1, testHasher)).toBe(id);
    const side = { ...open.contenders[0]!, seq: 9 };
    const others = [
      resolutionEventId(open, 2, testHasher),
      resolutionEventId({ ...open, fields: ['qty'] }, 1, testHasher),
      resolutionEventId({ ...open, contenders: [side, open.contenders[1]!] }, 1, testHasher),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });
});
