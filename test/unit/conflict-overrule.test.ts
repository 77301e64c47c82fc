import { ruledAgain } from '../../domain/conflict/cases.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import { overruleByHand, ruledFields } from '../../domain/conflict/resolve-by-hand.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { decide } from '../../domain/office/decide.ts';
import { overruleCommand } from '../../services/conflicts/rule-automatically.ts';
import { caught } from './caught.ts';
import { amends, offices, resolves } from './conflict-story.ts';

/** East and the head differ over cost; the head took its own, and nobody has overruled that. */
function ruled() {
  const { east, head } = offices();
  amends(east, { cost: '9.5' }, 1);
  amends(head, { cost: '10' }, 2);
  head.hearsAllFrom(east);
  resolves(head, head.openCase!, { cost: '10' }, { cost: 'manual' }, 'manual');
  return { head, east, settled: head.cases.at(-1)! };
}

const context = (settled: ConflictCase | null) =>
  ({ office: 'head', role: 'head', dataset: sales, settled }) as const;
const taking = (settled: ConflictCase, office: string) =>
  overruleCommand(settled, sales, {
    ...overruleByHand(settled, sales, { take: { office } }),
    decision: 'manual',
    note: 'why',
  });

describe('overruling', () => {
  it('writes what the other side had, and names the ruling that it sets aside', () => {
    const { head, settled } = ruled();
    const decision = decide(taking(settled, 'east'), head.state, context(settled));
    expect(decision).toMatchObject({
      event: {
        type: 'ConflictResolved',
        data: {
          caseId: settled.id,
          writes: { cost: '9.5' },
          overrules: settled.rulings[0]!.eventId,
          note: 'why',
        },
      },
    });
  });

  it('adds to the rulings of the case, once', () => {
    const { head, settled } = ruled();
    const command = taking(settled, 'east');
    const event = head.does(command, 9, sales, settled)!;
    const after = ruledAgain(settled, event);
    expect(after.rulings).toHaveLength(2);
    expect(after.rulings[1]).toMatchObject({
      overrules: command.overrules,
      note: 'why',
      values: { cost: '9.5' },
      kind: 'resolved',
    });
    expect([after.status, after.settledAt]).toEqual(['settled', event.at]);
    expect(ruledAgain(after, event)).toBe(after);
  });

  it('is refused when another ruling came first, or the case is not there', () => {
    const { head, settled } = ruled();
    const command = taking(settled, 'east');
    const since = {
      ...settled,
      rulings: [...settled.rulings, { ...settled.rulings[0]!, eventId: 'another' }],
    };
    for (const known of [since, null])
      expect(caught(() => decide(command, head.state, context(known)))).toMatchObject({
        type: 'case-settled',
      });
  });

  it('is refused for a case that is open', () => {
    const { east, head } = offices();
    amends(east, { cost: '9.5' }, 1);
    amends(head, { cost: '10' }, 2);
    head.hearsAllFrom(east);
    const open = head.openCase!;
    expect(caught(() => overruleByHand(open, sales, { take: { office: 'east' } }))).toMatchObject({
      type: 'case-open',
    });
  });

  it('is about the fields that were ruled on, whatever ruling it was', () => {
    const { settled } = ruled();
    const later = { ...settled.rulings[0]!, values: { tax: '1', cost: '2' } };
    expect(ruledFields({ rulings: [...settled.rulings, later] })).toEqual(['cost', 'tax']);
    expect(caught(() => overruleByHand(settled, sales, { values: { qty: 3 } }))).toMatchObject({
      type: 'invalid-input',
    });
  });
});
