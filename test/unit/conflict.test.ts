import fc from 'fast-check';
import { covers } from '../../domain/clock.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import { standingContenders, trackCase } from '../../domain/conflict/cases.ts';
import { contendersOf, disputedFields } from '../../domain/conflict/detect.ts';
import type { DatasetPolicies, FieldPolicy, VoidPolicy } from '../../domain/conflict/policy.ts';
import { ruleByHand } from '../../domain/conflict/resolve-by-hand.ts';
import { resolutionEventId, ruleOn } from '../../domain/conflict/rule.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { dotName, dotOf, type DomainEvent, type JsonValue } from '../../domain/event.ts';
import { decodeEvent, encodeEvent } from '../../domain/canonical.ts';
import { evolve } from '../../domain/office/evolve.ts';
import { encodeState, statusOf, winningValues } from '../../domain/office/present.ts';
import { caught } from './caught.ts';
import { allEvents, foldAll, play, SALE, steps, Teller } from './story.ts';
import { testHasher } from './test-hasher.ts';

function offices(): { east: Teller; head: Teller; west: Teller } {
  const [east, head, west] = [new Teller('east'), new Teller('head'), new Teller('west')];
  east.does({ type: 'record', fields: SALE });
  head.hearsAllFrom(east);
  west.hearsAllFrom(east);
  return { east, head, west };
}

const amends = (teller: Teller, fields: Record<string, unknown>, minute?: number) =>
  teller.does({ type: 'amend', fields }, minute);

/** Both directions, each what it had before. */
function meet(a: Teller, b: Teller): void {
  const heard = [...b.events];
  b.hearsAllFrom(a);
  for (const event of heard) a.hears(event);
}

function rulesAt(head: Teller, dataset: Dataset): DomainEvent | null {
  const open = head.openCase!;
  const { writes, policies } = ruleOn(open, dataset, 'head');
  return resolves(head, open, writes, policies, 'automatic');
}

function resolves(
  head: Teller,
  open: ConflictCase,
  writes: Readonly<Record<string, JsonValue>>,
  policies: Readonly<Record<string, string>>,
  decision: 'automatic' | 'manual',
): DomainEvent | null {
  const contenders = standingContenders(open).map(dotOf);
  const { id: caseId, base } = open;
  return head.does({
    type: 'resolve',
    caseId,
    contenders,
    writes,
    policies,
    policyVersion: 1,
    decision,
    base,
  });
}

function withPolicies(change: Partial<DatasetPolicies>): Dataset {
  return { ...sales, policies: { ...sales.policies, ...change } };
}

describe('a dispute', () => {
  it('is two values of one field, written unawares, whoever is heard first', () => {
    const { east, head } = offices();
    amends(east, { cost: '13' });
    amends(head, { cost: '12' });
    meet(east, head);
    expect(disputedFields(east.state!)).toEqual(['cost']);
    expect(disputedFields(head.state!)).toEqual(['cost']);
    expect(contendersOf(east.state!, ['cost'])).toEqual(contendersOf(head.state!, ['cost']));
  });

  it.each<[string, (o: ReturnType<typeof offices>) => void]>([
    [
      'two offices that write the same',
      ({ east, head }) => [amends(east, { qty: 5 }), amends(head, { qty: 5 })],
    ],
    [
      'two offices that write different fields',
      ({ east, head }) => [amends(east, { qty: 5 }), amends(head, { tax: '5' })],
    ],
    [
      'two offices that both void',
      ({ east, head }) => [east.does({ type: 'void' }), head.does({ type: 'void' })],
    ],
    [
      'one who had seen the other',
      ({ east, head }) => [amends(east, { qty: 5 }), head.hearsAllFrom(east), amends(head, { qty: 6 })],
    ],
    ['one who edits again and again', ({ east }) => [amends(east, { qty: 5 }), amends(east, { qty: 6 })]],
    [
      'a void that had seen the edit',
      ({ east, head }) => [amends(east, { qty: 5 }), head.hearsAllFrom(east), head.does({ type: 'void' })],
    ],
  ])('is not %s', (_, happens) => {
    const all = offices();
    happens(all);
    meet(all.east, all.head);
    expect(disputedFields(all.head.state!)).toEqual([]);
    expect(all.head.cases).toEqual([]);
  });

  it('is a void against an edit, which brings its evidence', () => {
    const { east, head } = offices();
    east.does({ type: 'amend', fields: { qty: 5 } }, 1);
    head.does({ type: 'void' }, 2);
    meet(east, head);
    expect(disputedFields(east.state!)).toEqual(['$status']);
    expect(east.openCase).toMatchObject({
      base: { $status: 'live' },
      contenders: [
        { office: 'east', seq: 2, values: { $status: 'live', qty: 5 } },
        { office: 'head', seq: 1, values: { $status: 'voided' } },
      ],
    });
  });

  it('is not an edit that knew of the void, whoever may have let that pass', () => {
    const { east, head } = offices();
    const voiding = head.does({ type: 'void' })!;
    const edit = amends(east, { qty: 5 })!;
    const knowing = { ...edit, clock: { ...edit.clock, ...voiding.clock } };
    const events = [...head.events, knowing];
    expect(disputedFields(foldAll(events)!)).toEqual([]);
    expect(disputedFields(foldAll([...head.events, edit])!)).toEqual(['$status']);
  });

  it('is a restore against another void', () => {
    const { east, head } = offices();
    east.does({ type: 'void' });
    head.hearsAllFrom(east);
    east.does({ type: 'restore' });
    east.does({ type: 'void' });
    head.does({ type: 'restore' });
    meet(east, head);
    expect(disputedFields(east.state!)).toEqual(['$status']);
  });

  it('is of two lives of one office that did not know of each other', () => {
    const first = new Teller('east');
    first.does({ type: 'record', fields: SALE });
    const second = new Teller('east', 2);
    second.hearsAllFrom(first);
    amends(first, { qty: 5 });
    amends(second, { qty: 6 });
    meet(first, second);
    expect(first.openCase!.contenders.map(({ office, epoch }) => `${office}@${epoch}`)).toEqual([
      'east@1',
      'east@2',
    ]);
  });

  it('has two sides for two blind editors, however often they edit', () => {
    const { east, head } = offices();
    for (let i = 0; i < 200; i++) {
      amends(east, { qty: i, product: `e${i}` });
      amends(head, { qty: -i - 1, product: `h${i}` });
    }
    meet(east, head);
    expect(head.openCase!.contenders).toHaveLength(2);
    expect(head.cases).toHaveLength(1);
    expect(contendersOf(head.state!, ['product', 'qty'])).toHaveLength(2);
  });
});

describe('a case', () => {
  it('opens with both sides and what both had seen', () => {
    const { east, head } = offices();
    amends(east, { cost: '13' }, 5);
    amends(head, { cost: '12' }, 3);
    meet(east, head);
    expect(east.openCase).toMatchObject({
      dataset: 'sales',
      scope: 'east',
      entityId: 'sale-1',
      status: 'open',
      settledAt: null,
      fields: ['cost'],
      base: { cost: '12.95' },
      contenders: [
        { office: 'head', epoch: 1, seq: 1, values: { cost: '12' }, actor: 'someone at head' },
        { office: 'east', epoch: 1, seq: 2, values: { cost: '13' }, actor: 'someone at east' },
      ],
      overruled: [],
      rulings: [],
    });
    expect(east.openCase!.openedAt).toBe('2026-04-01T12:05:00.000Z/0000');
    expect(head.openCase!.openedAt).toBe(east.openCase!.openedAt);
  });

  it('has the same name at both offices, and another for another dispute', () => {
    const { east, head } = offices();
    amends(east, { cost: '13' });
    amends(head, { cost: '12' });
    meet(east, head);
    const { id } = head.openCase!;
    expect(east.openCase!.id).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    head.does({ type: 'amend', fields: { cost: '12.5' } });
    amends(east, { cost: '13.5' });
    expect([head.openCase, east.openCase]).toEqual([null, null]);
    meet(east, head);
    expect(head.openCase!.id).not.toBe(id);
    expect(head.cases).toHaveLength(2);
  });

  it('takes the base from what all had seen, not from what one of them overwrote alone', () => {
    const { east, head } = offices();
    amends(east, { qty: 80 });
    meet(east, head);
    amends(east, { qty: 81 });
    amends(east, { qty: 82 });
    amends(head, { qty: 90 });
    meet(east, head);
    expect(head.openCase!.base).toEqual({ qty: 80 });
  });

  it('has no base when nothing was seen by all', () => {
    const [east, head] = [new Teller('east'), new Teller('head')];
    east.does({ type: 'record', fields: SALE });
    head.does({ type: 'record', fields: { ...SALE, qty: 5 } });
    meet(east, head);
    expect(head.openCase).toMatchObject({ fields: ['qty'], base: {} });
  });

  it('follows its sides as they go on', () => {
    const { east, head, west } = offices();
    amends(east, { qty: 5 });
    amends(head, { qty: 6 });
    head.hearsAllFrom(east);
    const { id } = head.openCase!;
    amends(east, { qty: 7, tax: '1' });
    amends(west, { tax: '2' });
    head.hearsAllFrom(east);
    head.hearsAllFrom(west);
    expect(head.openCase).toMatchObject({ id, fields: ['qty', 'tax'], base: { qty: 73, tax: '66.17' } });
    expect(head.openCase!.contenders.map(({ office, values }) => [office, values])).toEqual(
      expect.arrayContaining([
        ['east', { qty: 7, tax: '1' }],
        ['head', { qty: 6 }],
        ['west', { tax: '2' }],
      ]),
    );
  });

  it('is settled by an edit that had seen both sides', () => {
    const { east, head } = offices();
    amends(east, { qty: 5 });
    amends(head, { qty: 6 });
    meet(east, head);
    amends(east, { qty: 7 }, 30);
    head.hearsAllFrom(east);
    expect(head.cases).toHaveLength(1);
    expect(head.cases[0]).toMatchObject({
      status: 'settled',
      settledAt: '2026-04-01T12:30:00.000Z/0000',
      fields: ['qty'],
      contenders: [{ values: { qty: 5 } }, { values: { qty: 6 } }],
      rulings: [
        {
          kind: 'edited',
          by: { office: 'east', seq: 3 },
          policies: {},
          policyVersion: 0,
          values: { qty: 7 },
        },
      ],
    });
  });

  it('is settled when the sides come to agree by themselves', () => {
    const { east, head } = offices();
    amends(east, { qty: 5 });
    amends(head, { qty: 6 });
    head.hearsAllFrom(east);
    amends(east, { qty: 6 });
    head.hearsAllFrom(east);
    expect(head.cases[0]).toMatchObject({
      status: 'settled',
      rulings: [{ kind: 'edited', values: { qty: 6 } }],
    });
  });

  it('keeps a side that an edit replaced while another dispute over the field goes on', () => {
    const { east, head, west } = offices();
    amends(east, { qty: 5 });
    amends(head, { qty: 6 });
    amends(west, { qty: 7 });
    meet(east, head);
    amends(head, { qty: 8 }); // knows of east, not of west
    head.hearsAllFrom(west);
    expect(head.openCase ?? head.cases.at(-1)).toMatchObject({ status: 'open', fields: ['qty'] });
    const all = new Teller('north');
    for (const event of [...east.events, ...west.events, ...head.events]) all.hears(event);
    expect(all.openCase!.contenders.map(({ office }) => office).sort()).toEqual(['head', 'west']);
    expect(all.openCase!.overruled).toMatchObject([{ office: 'east', values: { qty: 5 } }]);
  });

  it('notes a ruling on a part, and keeps the losers of that part', () => {
    const { east, head } = offices();
    amends(east, { product: 'Pens', cost: '13' }, 5);
    amends(head, { product: 'Ink', cost: '12' }, 3);
    meet(east, head);
    rulesAt(head, sales);
    expect(head.openCase).toMatchObject({
      fields: ['cost'],
      contenders: [{ values: { product: 'Ink', cost: '12' } }, { values: { product: 'Pens', cost: '13' } }],
      rulings: [{ kind: 'resolved', policies: { product: 'latest' }, values: { product: 'Pens' } }],
    });
    const { writes, policies } = ruleByHand(head.openCase!, sales, { values: { cost: 12.5 } });
    resolves(head, head.openCase!, writes, policies, 'manual');
    east.hearsAllFrom(head);
    for (const office of [east, head]) {
      expect(office.cases).toHaveLength(1);
      expect(office.cases[0]).toMatchObject({
        status: 'settled',
        contenders: [{ values: { product: 'Ink', cost: '12' } }, { values: { product: 'Pens', cost: '13' } }],
        rulings: [
          { kind: 'resolved', policies: { product: 'latest' } },
          { kind: 'resolved', policies: { cost: 'manual' }, values: { cost: '12.5' }, policyVersion: 1 },
        ],
      });
      expect(winningValues(office.state!)).toMatchObject({ product: 'Pens', cost: '12.5' });
    }
  });

  it('goes on when a ruling meets a new edit that had not seen it', () => {
    const { east, head } = offices();
    amends(east, { qty: 5 }, 1);
    amends(head, { qty: 6 }, 2);
    head.hearsAllFrom(east);
    const { id } = head.openCase!;
    rulesAt(head, sales);
    expect(head.cases[0]).toMatchObject({ id, status: 'settled' });
    amends(east, { qty: 7 }, 9);
    east.hearsAllFrom(head);
    expect(east.openCase).toMatchObject({ fields: ['qty'] });
    expect(east.openCase!.contenders.map(({ office, values }) => [office, values['qty']])).toEqual(
      expect.arrayContaining([
        ['head', 6],
        ['east', 7],
      ]),
    );
  });

  it('is the same when the event that changed it last is taken in again', () => {
    const { east, head } = offices();
    amends(east, { product: 'Pens', cost: '13' });
    amends(head, { product: 'Ink', cost: '12' });
    head.hearsAllFrom(east);
    for (const event of [head.events.at(-1)!, rulesAt(head, sales)!]) {
      const { state: after, openCase: open, events } = head;
      const again = {
        open,
        before: after,
        after: evolve(after, event),
        event,
        history: () => events,
        hasher: testHasher,
      };
      expect(trackCase(again)).toEqual(open);
    }
  });
});

describe('automatic policies', () => {
  const earlier = { qty: 5, cost: '9.5', product: 'Pens' };
  const later = { qty: 4, cost: '10', product: 'Ink' };
  const dispute = () => {
    const { east, head } = offices();
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
    ['a custom rule', custom(() => ({ value: 42 })), 'qty', 42],
    ['a custom rule that passes', custom(() => null), 'qty', undefined],
    ['a custom rule gone wrong', custom(() => ({ value: 'x' })), 'qty', undefined],
  ])('%s', (_, policy, field, expected) => {
    const ruling = ruleOn(dispute(), withPolicies({ fields: { [field]: policy } }), 'head');
    expect(ruling.writes[field]).toEqual(expected);
    expect(ruling.policies[field]).toBe(
      expected === undefined ? undefined : typeof policy === 'string' ? policy : 'ours',
    );
    expect(ruling.undecided.includes(field)).toBe(expected === undefined);
  });

  it('leave a sum that the field cannot hold to a person', () => {
    const { east, head } = offices();
    amends(east, { qty: 1_000_000 });
    amends(head, { qty: 999_999 });
    head.hearsAllFrom(east);
    expect(ruleOn(head.openCase!, withPolicies({ fields: { qty: 'add' } }), 'head').undecided).toEqual([
      'qty',
    ]);
  });

  it('add what each of two added, also when a third side has left the dispute', () => {
    const { east, head, west } = offices();
    amends(west, { qty: 74 });
    amends(head, { qty: 80 });
    east.hearsAllFrom(head);
    amends(east, { qty: 81 }); // east and head share 80, west does not
    amends(head, { qty: 82 });
    const adding = withPolicies({ fields: { qty: 'add' } });
    const resolver = new Teller('head', 2);
    for (const event of [...east.events, ...head.events, ...west.events]) resolver.hears(event);
    expect(resolver.openCase!.base).toEqual({ qty: 73 });
    expect(ruleOn(resolver.openCase!, adding, 'head').undecided).toEqual(['qty']);
    east.hearsAllFrom(west);
    amends(east, { qty: 82 }); // takes in the one piece of west
    resolver.hearsAllFrom(east);
    amends(head, { qty: 83 });
    resolver.hearsAllFrom(head);
    expect(resolver.openCase!.base).toEqual({ qty: 80 });
    expect(ruleOn(resolver.openCase!, adding, 'head').writes).toEqual({ qty: 85 });
  });

  it('leave a sum without a base to a person', () => {
    const [east, head] = [new Teller('east'), new Teller('head')];
    east.does({ type: 'record', fields: SALE });
    head.does({ type: 'record', fields: { ...SALE, qty: 5 } });
    head.hearsAllFrom(east);
    expect(ruleOn(head.openCase!, withPolicies({ fields: { qty: 'add' } }), 'head').undecided).toEqual([
      'qty',
    ]);
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

describe('ruling by hand', () => {
  const dispute = () => {
    const { east, head, west } = offices();
    amends(east, { qty: 5, cost: '9.5' }, 1);
    amends(head, { qty: 4, cost: '10' }, 2);
    head.hearsAllFrom(east);
    return { head, west, open: head.openCase! };
  };
  const refused = (run: () => unknown) => caught(run) as { type: string; data: { problems: unknown } };

  it('takes a side as it is', () => {
    const ruling = ruleByHand(dispute().open, sales, { take: { office: 'east', epoch: 1 } });
    expect(ruling).toEqual({ writes: { qty: 5, cost: '9.5' }, policies: { qty: 'manual', cost: 'manual' } });
  });

  it('takes the newest life of an office when none is named', () =>
    expect(ruleByHand(dispute().open, sales, { take: { office: 'head' } }).writes).toEqual({
      qty: 4,
      cost: '10',
    }));

  it('takes values that no side wrote', () =>
    expect(ruleByHand(dispute().open, sales, { values: { qty: 6, cost: '9.750' } }).writes).toEqual({
      qty: 6,
      cost: '9.75',
    }));

  it('takes only what was voided or restored from a side that edited', () => {
    const { east, head } = offices();
    head.does({ type: 'void' });
    amends(east, { qty: 5 });
    head.hearsAllFrom(east);
    expect(ruleByHand(head.openCase!, sales, { take: { office: 'east', epoch: 1 } }).writes).toEqual({
      $status: 'live',
    });
    expect(ruleByHand(head.openCase!, sales, { values: { $status: 'voided' } }).writes).toEqual({
      $status: 'voided',
    });
    const error = refused(() => ruleByHand(head.openCase!, sales, { values: { $status: 'gone' } }));
    expect(error.data.problems).toEqual([{ field: '$status', reason: 'must be live or voided' }]);
  });

  it('needs a value for every disputed field, and for no other', () => {
    const error = refused(() => ruleByHand(dispute().open, sales, { values: { cost: 'x', tax: '1' } }));
    expect(error.type).toBe('invalid-input');
    expect(error.data.problems).toEqual([
      { field: 'tax', reason: 'is not in dispute' },
      { field: 'cost', reason: 'must be a decimal number such as "12.95"' },
      { field: 'qty', reason: 'needs a value' },
    ]);
  });

  it('needs a side that has a value for every disputed field', () => {
    const { head, west } = dispute();
    amends(west, { tax: '1' });
    amends(head, { tax: '2' });
    head.hearsAllFrom(west);
    expect(head.openCase!.fields).toContain('tax');
    expect(
      refused(() => ruleByHand(head.openCase!, sales, { take: { office: 'west', epoch: 1 } })).type,
    ).toBe('invalid-input');
  });

  it.each([{ office: 'north', epoch: 1 }, { office: 'east', epoch: 2 }, { office: 'west' }])(
    'knows no side %j',
    (take) => expect(refused(() => ruleByHand(dispute().open, sales, { take })).type).toBe('unknown-side'),
  );

  it('comes too late for a settled case', () => {
    const settled: ConflictCase = { ...dispute().open, status: 'settled' };
    expect(refused(() => ruleByHand(settled, sales, { take: { office: 'east' } })).type).toBe('case-settled');
  });

  it('says when and how the case was settled', () => {
    const ruling = {
      by: { office: 'head', epoch: 1, seq: 9 },
      eventId: 'e',
      kind: 'resolved' as const,
      actor: 'ann',
      at: '2026-04-01T12:10:00.000Z/0000',
      policies: { cost: 'manual' },
      policyVersion: 1,
      values: { cost: '12', $status: 'live' },
    };
    const settledAt = ruling.at;
    const settled: ConflictCase = { ...dispute().open, status: 'settled', settledAt, rulings: [ruling] };
    expect(caught(() => ruleByHand(settled, sales, { take: { office: 'east' } }))).toMatchObject({
      message: expect.stringMatching(
        /settled at 2026-04-01T12:10:00.000Z by ann \(manual\): cost=12, live$/,
      ) as unknown,
      data: { settledAt: '2026-04-01T12:10:00.000Z', ruling: { actor: 'ann', values: { cost: '12' } } },
    });
  });
});

describe('any story', () => {
  const automatic = withPolicies({ fields: { cost: 'max', qty: 'min' }, void: 'amend-wins' });
  const conflicts = { seen: 0 };

  it('has a case open exactly while something is in dispute, with one side for each life', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { state, cases, openCase } of play(story)) {
          const fields = state === null ? [] : disputedFields(state);
          expect(openCase === null).toBe(fields.length === 0);
          expect(cases.filter(({ status }) => status === 'open').length).toBeLessThanOrEqual(1);
          expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
          for (const { contenders, overruled, rulings, status } of cases) {
            for (const sides of [contenders, overruled]) {
              expect(new Set(sides.map(({ office, epoch }) => `${office}@${epoch}`)).size).toBe(sides.length);
            }
            expect(contenders.length).toBeGreaterThanOrEqual(2);
            expect(status === 'open' || rulings.length > 0).toBe(true);
          }
          if (openCase === null) continue;
          expect(openCase.fields).toEqual(fields);
          const standing = contendersOf(state!, fields).map(dotName).sort();
          expect(standingContenders(openCase).map(dotName).sort()).toEqual(standing);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('ends when the head rules, the same everywhere, with a value that somebody wrote', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const tellers = play(story, automatic);
        const head = new Teller('head', 7);
        for (const event of allEvents(tellers)) head.hears(event);
        if (head.openCase === null) return;
        conflicts.seen += 1;
        const open = head.openCase;
        const ruling = ruleOn(open, automatic, 'head');
        expect(ruling.undecided).toEqual([]);
        expect(ruleOn(open, automatic, 'head')).toEqual(ruling);
        for (const [field, value] of Object.entries(ruling.writes)) {
          expect(open.contenders.map(({ values }) => values[field])).toContainEqual(value);
        }
        const event = rulesAt(head, automatic)!;
        expect(open.contenders.every((side) => covers(event.clock, side))).toBe(true);
        expect(decodeEvent(encodeEvent(event))).toEqual(event);
        expect(disputedFields(head.state!)).toEqual([]);
        expect(head.cases.at(-1)).toMatchObject({
          id: open.id,
          status: 'settled',
          rulings: expect.anything(),
        });
        expect(head.cases.at(-1)!.rulings.at(-1)).toMatchObject({ kind: 'resolved', eventId: event.id });
        expect(winningValues(head.state!)).toMatchObject({ ...ruling.writes });
        const again = () => resolves(head, open, ruling.writes, ruling.policies, 'automatic');
        expect(caught(again)).toMatchObject({ type: 'case-settled' });
        for (const teller of tellers) {
          teller.hearsAllFrom(head);
          expect(teller.openCase).toBeNull();
          expect(encodeState(teller.state!)).toBe(encodeState(head.state!));
        }
      }),
      { numRuns: 500 },
    );
    expect(conflicts.seen).toBeGreaterThan(50);
  });

  it('is detected alike in whatever order its events are heard', () => {
    fc.assert(
      fc.property(
        steps.chain((story) => {
          const events = allEvents(play(story));
          return fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }));
        }),
        ([events, shuffled]) => {
          const [state, other] = [foldAll(events)!, foldAll(shuffled)!];
          expect(disputedFields(other)).toEqual(disputedFields(state));
          expect(contendersOf(other, disputedFields(other))).toEqual(
            contendersOf(state, disputedFields(state)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
