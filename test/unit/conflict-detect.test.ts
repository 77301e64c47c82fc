import { contendersOf, disputedFields, sameValue } from '../../domain/conflict/detect.ts';
import { foldAll, SALE, Teller } from './story.ts';
import { amends, meet, offices } from './conflict-story.ts';

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

  it('is a void against a recording that did not know of it, which brings its evidence', () => {
    const [east, head] = [new Teller('east'), new Teller('head')];
    east.does({ type: 'record', fields: SALE }, 1);
    head.does({ type: 'record', fields: SALE }, 2);
    head.does({ type: 'void' }, 3);
    head.hearsAllFrom(east);
    expect(disputedFields(head.state!)).toEqual(['$status']);
    expect(head.openCase!.contenders[0]).toMatchObject({
      office: 'east',
      values: { $status: 'live', qty: 73, product: 'Paper' },
    });
  });

  it('shows a side with all that it wrote in several edits, under the newest of them', () => {
    const { east, head } = offices();
    amends(east, { qty: 5 }, 1);
    amends(head, { qty: 6, product: 'Ink', tax: '1' }, 2);
    amends(east, { product: 'Pens' }, 3);
    amends(east, { tax: '2' }, 4);
    meet(east, head);
    const [first, last] = head.openCase!.contenders;
    expect(first).toMatchObject({ office: 'head', seq: 1 });
    expect(last).toMatchObject({
      office: 'east',
      seq: 4,
      at: '2026-04-01T12:04:00.000Z/0000',
      values: { qty: 5, product: 'Pens', tax: '2' },
      wroteAt: {
        qty: '2026-04-01T12:01:00.000Z/0000',
        product: '2026-04-01T12:03:00.000Z/0000',
        tax: '2026-04-01T12:04:00.000Z/0000',
      },
    });
  });

  it('is a void against an edit of data only: another void is on its side', () => {
    const { east, head, west } = offices();
    head.does({ type: 'void' });
    west.does({ type: 'void' });
    amends(east, { qty: 5 });
    meet(head, west);
    meet(head, east);
    const sides = head.openCase!.contenders.map(({ office, values }) => [office, values['$status']]);
    expect(Object.fromEntries(sides)).toEqual({ east: 'live', head: 'voided', west: 'voided' });
  });
});

describe('two values are the same', () => {
  it.each([
    [{ a: [1, 2] }, { a: [1, 2] }, true],
    [{ a: [1, 2] }, { a: [1, 3] }, false],
    [null, null, true],
    [null, {}, false],
    [{}, '{}', false],
    ['{}', {}, false],
    ['null', null, false],
    [1, '1', false],
    [true, true, true],
  ])('%j and %j: %s', (a, b, expected) => expect(sameValue(a, b)).toBe(expected));
});
