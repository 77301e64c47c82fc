import type { ConflictCase } from '../../domain/conflict/case.ts';
import { ruleByHand } from '../../domain/conflict/resolve-by-hand.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { caught } from './caught.ts';
import { amends, offices } from './conflict-story.ts';

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
    (take) =>
      expect(refused(() => ruleByHand(dispute().open, sales, { take }))).toMatchObject({
        type: 'unknown-side',
        message: expect.stringMatching(/: east, head are$/) as unknown,
        data: {
          expected: [
            { office: 'east', epoch: 1 },
            { office: 'head', epoch: 1 },
          ],
          actual: { office: take.office, epoch: take.epoch ?? null },
        },
      }),
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

  it('says of an edit that settled it whose it was, and of one without a ruling just that', () => {
    const by = { office: 'west', epoch: 1, seq: 9 };
    const edit = { by, eventId: 'e', actor: 'bob', at: '', policyVersion: 0, values: { qty: 6 } };
    const { open } = dispute();
    const tries = (rulings: ConflictCase['rulings']) =>
      caught(() => ruleByHand({ ...open, status: 'settled', rulings }, sales, { values: {} }));
    expect(tries([{ ...edit, kind: 'edited', policies: {} }])).toMatchObject({
      message: expect.stringMatching(/was settled by an edit of bob: qty=6$/) as unknown,
      data: { caseId: open.id, reason: 'settled', settledAt: null, ruling: { kind: 'edited' } },
    });
    expect(tries([{ ...edit, kind: 'resolved', policies: { qty: 'latest', tax: 'add' } }])).toMatchObject({
      message: expect.stringMatching(/by bob \(latest, add\)/) as unknown,
    });
    expect(tries([])).toMatchObject({ message: expect.stringMatching(/was settled$/) as unknown });
  });

  it('knows no field that this program does not have', () => {
    const { open } = dispute();
    const error = refused(() =>
      ruleByHand({ ...open, fields: ['colour'] }, sales, { values: { colour: 'red' } }),
    );
    expect(error.data.problems).toEqual([{ field: 'colour', reason: 'is no field' }]);
  });
});
