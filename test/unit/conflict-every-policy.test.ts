import fc from 'fast-check';
import { covers } from '../../domain/clock.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import { standingContenders } from '../../domain/conflict/cases.ts';
import { disputedFields } from '../../domain/conflict/detect.ts';
import type { FieldPolicy, VoidPolicy } from '../../domain/conflict/policy.ts';
import { resolutionEventId, ruleOn } from '../../domain/conflict/rule.ts';
import { countedFields } from '../../domain/datasets/counted.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import type { DomainEvent, JsonValue } from '../../domain/event.ts';
import { writtenFields } from '../../domain/office/evolve.ts';
import { encodeState } from '../../domain/office/present.ts';
import { caught } from './caught.ts';
import { resolves, withPolicies } from './conflict-story.ts';
import { allEvents, inCausalOrder, play, playOn, type Step, steps, Teller } from './story.ts';
import { testHasher } from './test-hasher.ts';

/** What most sides say; where none is said more often, what was there before, or else what was said first. */
const majority: FieldPolicy = {
  name: 'majority',
  rule: (candidates, base) => {
    const votes = new Map<JsonValue, number>();
    for (const { value } of candidates) votes.set(value, (votes.get(value) ?? 0) + 1);
    const most = Math.max(...votes.values());
    const [first, second] = [...votes].filter(([, count]) => count === most);
    return { value: second === undefined || base === undefined ? first![0] : base };
  },
};

const numbers = (policy: FieldPolicy): Partial<Dataset['policies']> => ({
  fields: { qty: policy, cost: policy, tax: policy },
});
const all = (policy: FieldPolicy): Partial<Dataset['policies']> => ({ default: policy, fields: {} });

const POLICIES: readonly [string, Partial<Dataset['policies']>][] = [
  ['latest', all('latest')],
  ['head-wins', all('head-wins')],
  ['owner-wins', all('owner-wins')],
  ['max', all('max')],
  ['min', all('min')],
  ['add', numbers('add')],
  ['manual', all('manual')],
  ['one of our own', all(majority)],
  [
    'one for each field',
    { default: 'owner-wins', fields: { qty: 'add', cost: 'manual', product: majority } },
  ],
];
const VOID_POLICIES: readonly VoidPolicy[] = ['void-wins', 'amend-wins', 'latest', 'manual'];

interface Story {
  readonly first: readonly Step[];
  readonly then: readonly Step[];
  readonly voids: VoidPolicy;
  /** Turns into orders in which somebody hears of it all. */
  readonly picks: readonly (readonly number[])[];
}

const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
const stories: fc.Arbitrary<Story> = fc.record({
  first: steps,
  then: steps,
  voids: fc.constantFrom(...VOID_POLICIES),
  picks: fc.array(picks, { minLength: 3, maxLength: 3 }),
});

/** What happened: before the head ruled for the first time, its ruling, and what followed from all that. */
function told({ first, then }: Story, dataset: Dataset): DomainEvent[] {
  const tellers = play(first, dataset);
  const head = tellers[1]!;
  for (const teller of tellers) head.hearsAllFrom(teller);
  if (head.openCase !== null) rules(head, dataset);
  playOn(tellers, then, dataset);
  return allEvents(tellers);
}

/** Null where the policies leave all of it to a person. */
function rules(head: Teller, dataset: Dataset): DomainEvent | null {
  const { writes, policies } = ruleOn(head.openCase!, dataset, 'head');
  if (Object.keys(writes).length === 0) return null;
  return resolves(head, head.openCase!, writes, policies, 'automatic');
}

/** Somebody who heard of everything, in one of the orders that keep causes before effects. */
function hearer(events: readonly DomainEvent[], order: readonly number[], dataset: Dataset): Teller {
  let turn = 0;
  const teller = new Teller('head', 7, dataset);
  for (const event of inCausalOrder(events, () => order[turn++ % order.length]!)) teller.hears(event);
  return teller;
}

/** What a ruling is made from. How the dispute went before, which the case shows too, may have looked otherwise. */
function essence(open: ConflictCase | null) {
  if (open === null) return null;
  const { fields, base, totals, contenders } = open;
  const inDispute = <T>(values: Readonly<Record<string, T>> = {}) => fields.map((field) => values[field]);
  const sides = standingContenders({ contenders, fields }).map(({ values, wroteAt, ...side }) => ({
    ...side,
    values: inDispute(values),
    wroteAt: inDispute(wroteAt),
  }));
  return { fields, base: inDispute(base), totals: inDispute(totals), sides };
}

const RUNS = { numRuns: 200 };

describe.each(POLICIES)('%s', (_, policies) => {
  const datasetOf = ({ voids }: Story) => withPolicies({ ...policies, void: voids });

  it('gives one state, one dispute and one ruling, in whatever order the events arrive', () => {
    let [examples, disputes] = [0, 0];
    fc.assert(
      fc.property(stories, (story) => {
        examples += 1;
        const dataset = datasetOf(story);
        const events = told(story, dataset);
        const [one, ...others] = story.picks.map((order) => hearer(events, order, dataset));
        if (one!.openCase !== null) disputes += 1;
        for (const other of others) {
          expect(encodeState(other.state!)).toBe(encodeState(one!.state!));
          expect(essence(other.openCase)).toEqual(essence(one!.openCase));
          if (one!.openCase === null) continue;
          expect(ruleOn(other.openCase!, dataset, 'head')).toEqual(ruleOn(one!.openCase, dataset, 'head'));
        }
      }),
      RUNS,
    );
    expect(disputes).toBeGreaterThan(examples / 10);
  });

  it('rules once and for all: over every side, and with nothing that nobody wrote', () => {
    let [examples, rulings] = [0, 0];
    fc.assert(
      fc.property(stories, (story) => {
        examples += 1;
        const dataset = datasetOf(story);
        const counted = countedFields(dataset);
        const events = told(story, dataset);
        const head = hearer(events, story.picks[0]!, dataset);
        const open = head.openCase;
        if (open === null) return;
        const { writes, undecided } = ruleOn(open, dataset, 'head');
        const asKept = JSON.parse(JSON.stringify(open)) as ConflictCase;
        expect(ruleOn(asKept, dataset, 'head')).toEqual(ruleOn(open, dataset, 'head'));
        expect(resolutionEventId(asKept, 1, testHasher)).toBe(resolutionEventId(open, 1, testHasher));
        expect([...Object.keys(writes), ...undecided].sort()).toEqual([...open.fields]);

        const ruling = rules(head, dataset);
        if (ruling === null) return;
        rulings += 1;
        expect(standingContenders(open).filter((side) => !covers(ruling.clock, side))).toEqual([]);
        for (const [field, value] of Object.entries(writes)) {
          const written = events.map((event) => writtenFields(event)[field]);
          if (!counted.has(field)) expect(written).toContainEqual(value);
        }
        expect(disputedFields(head.state!, counted)).toEqual(undecided);
        const again = () => resolves(head, open, writes, {}, 'automatic');
        expect(caught(again)).toMatchObject({
          type: expect.stringMatching(/^(case-settled|invalid-input)$/),
        });

        const branch = hearer([...events, ruling], story.picks[1]!, dataset);
        expect(encodeState(branch.state!)).toBe(encodeState(head.state!));
        expect(essence(branch.openCase)).toEqual(essence(head.openCase));
      }),
      RUNS,
    );
    if (policies.default !== 'manual') expect(rulings).toBeGreaterThan(examples / 10);
  });
});
