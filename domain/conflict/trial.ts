import { covers } from '../clock.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { addDecimals, type Decimal, subtractDecimals } from '../decimal.ts';
import { type DomainEvent, type JsonValue, type OfficeId, sameDot } from '../event.ts';
import { STATUS_FIELD, type EntityState } from '../office/entity-state.ts';
import { evolve } from '../office/evolve.ts';
import { fieldValues, statusOf } from '../office/present.ts';
import type { ConflictCase } from './case.ts';
import { ruledFields } from './resolve-by-hand.ts';
import { ruleOn } from './rule.ts';
import { moneyOf } from './stake.ts';

type Values = Readonly<Record<string, JsonValue>>;
/** By name of a decimal field, computed ones among them. */
type Money = Readonly<Record<string, Decimal>>;

/** What other policies would have made of one conflict. */
export interface Trial {
  readonly conflict: ConflictCase;
  /** `left`: they leave it to a person, or a part of it, and the rest comes out as it did. */
  readonly outcome: 'same' | 'differs' | 'left';
  /** What stands, or is shown while it is open, of the fields that were in dispute. */
  readonly stands: Values;
  /** What would. */
  readonly would: Values;
  /** Left to a person. */
  readonly undecided: readonly string[];
  /** What the row would have more, or less, right after the ruling; nothing where it would be the same. */
  readonly money: Money;
}

/**
 * Replays a conflict, settled or open, under the policies of `dataset`. The row is taken as it was right after the last
 * ruling: what happened to it since does not count. Pure.
 * @param events all applied events of the entity
 */
export function tryOn(
  conflict: ConflictCase,
  dataset: Dataset,
  events: readonly DomainEvent[],
  headOffice: OfficeId,
): Trial {
  const fields = conflict.status === 'open' ? [...conflict.fields] : ruledFields(conflict);
  const { writes, undecided } = ruleOn({ ...conflict, fields }, dataset, headOffice);
  const state = stateAfter(conflict, events);
  const shown: Values = { ...fieldValues(dataset, state), [STATUS_FIELD]: statusOf(state) };
  const ruled: Values = Object.assign({}, ...conflict.rulings.map(({ values }) => values)) as Values;
  const stands = Object.fromEntries(fields.map((field) => [field, ruled[field] ?? shown[field] ?? null]));
  const differs = Object.keys(writes).some((field) => !isSame(writes[field], stands[field]));
  const outcome = differs ? 'differs' : undecided.length > 0 ? 'left' : 'same';
  const [before, after] = [stands, { ...stands, ...writes }].map((values) =>
    moneyIn(dataset, fields, { ...shown, ...values }),
  );
  return { conflict, outcome, stands, would: writes, undecided, money: difference(before!, after!) };
}

/** What was known when the case was ruled on last; of an open one, all that there is. */
function stateAfter({ status, rulings }: ConflictCase, events: readonly DomainEvent[]): EntityState {
  const last = status === 'open' ? undefined : rulings.at(-1);
  const ruling = last && events.find((event) => sameDot(event, last.by));
  const known = ruling === undefined ? events : events.filter((event) => covers(ruling.clock, event));
  return known.reduce<EntityState | null>(evolve, null)!;
}

function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function moneyIn(dataset: Dataset, fields: readonly string[], values: Values): Map<string, Decimal> {
  return moneyOf(dataset, fields, values, values[STATUS_FIELD] === 'voided');
}

function difference(before: ReadonlyMap<string, Decimal>, after: ReadonlyMap<string, Decimal>): Money {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changes = names.map(
    (name) => [name, subtractDecimals(after.get(name) ?? '0', before.get(name) ?? '0')] as const,
  );
  return Object.fromEntries(changes.filter(([, change]) => change !== '0'));
}

/** What trials come to, for one office. */
export interface TrialSum {
  readonly cases: number;
  readonly same: number;
  readonly differs: number;
  readonly left: number;
  /** By dataset and field, `sales.total`. */
  readonly money: Money;
}

export const NO_TRIALS: TrialSum = { cases: 0, same: 0, differs: 0, left: 0, money: {} };

/** Sums add up exactly, in any order. */
export function addTrials(a: TrialSum, b: TrialSum): TrialSum {
  const money: Record<string, Decimal> = { ...a.money };
  for (const [name, value] of Object.entries(b.money)) money[name] = addDecimals(money[name] ?? '0', value);
  return {
    cases: a.cases + b.cases,
    same: a.same + b.same,
    differs: a.differs + b.differs,
    left: a.left + b.left,
    money,
  };
}

export function sumOf({ conflict, outcome, money }: Trial): TrialSum {
  const named = Object.entries(money).map(([field, value]) => [`${conflict.dataset}.${field}`, value]);
  return { ...NO_TRIALS, cases: 1, [outcome]: 1, money: Object.fromEntries(named) as Money };
}
