import fc from 'fast-check';
import { disputedFields } from '../../domain/conflict/detect.ts';
import { winningValues } from '../../domain/office/present.ts';
import { caught } from './caught.ts';
import { amends, meet, rulesAt, withPolicies } from './conflict-story.ts';
import { SALE, Teller } from './story.ts';

const COUNTED = withPolicies({ fields: { qty: 'add', tax: 'add', cost: 'manual' } });
const BEGIN = 10;

/** The owner of a count and the head, both of which know how many there were. */
function counters(): { east: Teller; head: Teller } {
  const [east, head] = [new Teller('east', 1, COUNTED), new Teller('head', 1, COUNTED)];
  east.does({ type: 'record', fields: { ...SALE, qty: BEGIN, tax: '1.5' } });
  head.hearsAllFrom(east);
  return { east, head };
}

const adds = (teller: Teller, pieces: number, minute?: number) =>
  amends(teller, { qty: { add: pieces } }, minute);
const piecesAt = ({ state }: Teller) => winningValues(state!)['qty'];

/** The price is left to a person, and may stay in dispute. */
function isRuled(head: Teller): void {
  while (head.openCase?.fields.some((field) => field !== 'cost'))
    expect(rulesAt(head, COUNTED)).not.toBeNull();
}

describe('a count', () => {
  it('takes what is to be added to it, whatever stands there', () => {
    const { east } = counters();
    adds(east, -3);
    adds(east, 5);
    amends(east, { tax: { add: '-0.25' } });
    expect(winningValues(east.state!)).toMatchObject({ qty: 12, tax: '1.25' });
    expect(east.events.at(-2)!.data).toEqual({ qty: 12 }); // events say what stands
  });

  it.each([
    ['text', { qty: { add: 'two' } }],
    ['nothing', { qty: {} }],
    ['more than one thing', { qty: { add: 1, set: 2 } }],
    ['a broken piece', { qty: { add: 0.5 } }],
    ['more than there can be', { qty: { add: 1_000_000 } }],
    ['an addition to what is not counted', { product: { add: 1 } }],
  ])('refuses %s', (_, fields) => {
    const { east } = counters();
    expect(caught(() => amends(east, fields))).toMatchObject({ type: 'invalid-input' });
  });

  it('is in dispute when two sides took as many of the same, and comes out as both took', () => {
    const { east, head } = counters();
    adds(east, -1);
    adds(head, -1);
    meet(east, head);
    expect(disputedFields(head.state!)).toEqual([]);
    expect(head.openCase).toMatchObject({ fields: ['qty'], base: { qty: BEGIN } });
    isRuled(head);
    east.hearsAllFrom(head);
    expect([piecesAt(east), piecesAt(head)]).toEqual([8, 8]);
    expect(east.openCase).toBeNull();
  });

  it('loses nothing when somebody sells on while it is in dispute, by a change or by the number that was shown', () => {
    for (const sells of [() => ({ add: -1 }), (shown: number) => shown - 1]) {
      const { east, head } = counters();
      adds(east, -2);
      adds(head, -3);
      meet(east, head);
      amends(east, { qty: sells(piecesAt(east) as number) });
      expect(piecesAt(east)).toBe(BEGIN - 2 - 3 - 1);
      expect(east.openCase).toBeNull();
    }
  });

  it('goes on from what was ruled, while another field is still in dispute', () => {
    const { east, head } = counters();
    amends(east, { qty: { add: -1 }, cost: '13' });
    amends(head, { qty: { add: -2 }, cost: '14' });
    head.hearsAllFrom(east);
    rulesAt(head, COUNTED);
    expect(head.openCase).toMatchObject({ fields: ['cost'], totals: {} });
    for (const left of [6, 5, 4]) {
      adds(head, -1);
      expect(piecesAt(head)).toBe(left);
    }
    amends(head, { qty: 1 });
    expect(piecesAt(head)).toBe(1);
  });

  it('comes out as all that was added, whoever heard of whom when', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ who: fc.nat(1), adds: fc.integer({ min: -3, max: 3 }), minute: fc.nat(5) }),
      },
      { weight: 2, arbitrary: fc.record({ hears: fc.nat(1) }) },
      { weight: 1, arbitrary: fc.record({ who: fc.nat(1), asks: fc.constantFrom('1', '2') }) },
      { weight: 1, arbitrary: fc.constant({ rules: true }) },
    );
    let [stories, ruled] = [0, 0];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (story) => {
        stories += 1;
        const { east, head } = counters();
        const both = [east, head] as const;
        let sum = BEGIN;
        for (const one of story) {
          if ('adds' in one) {
            adds(both[one.who]!, one.adds, one.minute);
            sum += one.adds;
          } else if ('asks' in one) amends(both[one.who]!, { cost: one.asks });
          else if ('hears' in one) both[one.hears]!.hearsAllFrom(both[1 - one.hears]!);
          else isRuled(head);
        }
        head.hearsAllFrom(east);
        if (head.openCase !== null) ruled += 1;
        isRuled(head);
        east.hearsAllFrom(head);
        expect([piecesAt(east), piecesAt(head)]).toEqual([sum, sum]);
      }),
      { numRuns: 1_000 },
    );
    expect(ruled).toBeGreaterThan(stories / 5);
  });
});
