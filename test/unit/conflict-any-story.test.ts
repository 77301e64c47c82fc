import fc from 'fast-check';
import { covers } from '../../domain/clock.ts';
import { standingContenders } from '../../domain/conflict/cases.ts';
import { contendersOf, disputedFields } from '../../domain/conflict/detect.ts';
import { ruleOn } from '../../domain/conflict/rule.ts';
import { dotName } from '../../domain/event.ts';
import { decodeEvent, encodeEvent } from '../../domain/canonical.ts';
import { encodeState, winningValues } from '../../domain/office/present.ts';
import { caught } from './caught.ts';
import { allEvents, foldAll, play, steps, Teller } from './story.ts';
import { resolves, rulesAt, withPolicies } from './conflict-story.ts';

describe('any story', () => {
  const automatic = withPolicies({ fields: { cost: 'max', qty: 'min' }, void: 'amend-wins' });
  const conflicts = { stories: 0, seen: 0 };

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
        conflicts.stories += 1;
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
    expect(conflicts.seen / conflicts.stories).toBeGreaterThan(0.1);
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
