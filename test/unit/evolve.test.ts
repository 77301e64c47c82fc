import fc from 'fast-check';
import { covers } from '../../domain/clock.ts';
import { sales } from '../../domain/datasets/sales.ts';
import { dotName, sameDot, type DomainEvent, type JsonValue } from '../../domain/event.ts';
import type { EntityState } from '../../domain/office/entity-state.ts';
import { evolve, writtenFields } from '../../domain/office/evolve.ts';
import { decodeState, encodeState, presentRow, stateBytes } from '../../domain/office/present.ts';
import { allEvents, foldAll, inCausalOrder, play, SALE, steps, Teller } from './story.ts';

/** The definition, slow and plain: who wrote a field that nobody who saw it wrote again. */
function standingByDefinition(events: readonly DomainEvent[]): string[] {
  const standing = events.flatMap((event) =>
    Object.entries(writtenFields(event))
      .filter(([field]) => !events.some((later) => overwrites(later, event, field)))
      .map(([field, value]) => entry(event, field, value)),
  );
  return standing.sort();
}

function overwrites(later: DomainEvent, event: DomainEvent, field: string): boolean {
  return !sameDot(later, event) && covers(later.clock, event) && Object.hasOwn(writtenFields(later), field);
}

function standing(state: EntityState): string[] {
  return state.writers
    .flatMap((writer) => Object.entries(writer.values).map(([field, value]) => entry(writer, field, value)))
    .sort();
}

function entry(dot: Parameters<typeof dotName>[0], field: string, value: JsonValue): string {
  return `${dotName(dot)} ${field}=${JSON.stringify(value)}`;
}

const choices = fc.infiniteStream(fc.nat(1000)).map((stream) => () => stream.next().value);

describe('a state', () => {
  it('is the same in every order that puts causes first', () => {
    fc.assert(
      fc.property(steps, choices, choices, (story, pick, other) => {
        const events = allEvents(play(story));
        const state = foldAll(inCausalOrder(events, pick))!;
        const again = foldAll(inCausalOrder(events, other))!;
        expect(again).toEqual(state);
        expect(encodeState(again)).toBe(encodeState(state));
      }),
      { numRuns: 500 },
    );
  });

  it('is what its definition says', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const events = allEvents(play(story));
        expect(standing(foldAll(events)!)).toEqual(standingByDefinition(events));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same even in orders that put effects first, and with repetitions', () => {
    fc.assert(
      fc.property(
        steps.chain((story) => {
          const events = allEvents(play(story));
          const twice = [...events, ...events];
          return fc.tuple(fc.constant(events), fc.shuffledSubarray(twice, { minLength: twice.length }));
        }),
        ([events, shuffled]) => expect(encodeState(foldAll(shuffled)!)).toBe(encodeState(foldAll(events)!)),
      ),
      { numRuns: 500 },
    );
  });

  it('is the same at every office that has heard the same', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const [a, b] = play(story);
        a!.hearsAllFrom(b!);
        b!.hearsAllFrom(a!);
        expect(encodeState(a!.state!)).toBe(encodeState(b!.state!));
        expect(presentRow(sales, a!.state!)).toEqual(presentRow(sales, b!.state!));
      }),
    );
  });

  it('never has more writers of a field than lives, however often they edit blindly', () => {
    const [east, head] = [new Teller('east'), new Teller('head')];
    east.does({ type: 'record', fields: SALE });
    head.hearsAllFrom(east);
    for (let i = 0; i < 1000; i++)
      for (const office of [east, head]) office.does({ type: 'amend', fields: { qty: i } });
    const state = foldAll([...east.events, ...head.events])!;
    expect(state.writers.filter((writer) => Object.hasOwn(writer.values, 'qty'))).toHaveLength(2);
  });

  it('leaves the state before it alone', () => {
    fc.assert(
      fc.property(steps, (story) => {
        let state: EntityState | null = null;
        for (const event of allEvents(play(story))) {
          const before: string | null = state && JSON.stringify(state);
          const after: EntityState = evolve(state, event);
          expect(state && JSON.stringify(state)).toBe(before);
          state = after;
        }
      }),
    );
  });
});

describe('the stored form of a state', () => {
  it('loses nothing and is the same for equal states', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const state = foldAll(allEvents(play(story)))!;
        const text = encodeState(state);
        expect(decodeState(text)).toEqual(state);
        expect(encodeState({ ...decodeState(text) })).toBe(text);
        expect(new TextDecoder().decode(stateBytes(state))).toBe(text);
      }),
    );
  });

  it('does not depend on the order in which values were written down', () => {
    const east = new Teller('east');
    east.does({ type: 'record', fields: SALE });
    const state = east.state!;
    const writers = state.writers.map((writer) => ({
      ...writer,
      values: Object.fromEntries(Object.entries(writer.values).reverse()),
    }));
    expect(encodeState({ ...state, writers })).toBe(encodeState(state));
  });

  it('tells states apart that differ in one value', () => {
    const east = new Teller('east');
    east.does({ type: 'record', fields: SALE });
    const before = encodeState(east.state!);
    east.does({ type: 'amend', fields: { product: 'Paper ' } });
    expect(encodeState(east.state!)).not.toBe(before);
  });
});
