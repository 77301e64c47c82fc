import type { ConflictCase } from '../conflict/case.ts';
import { minus, plus } from '../conflict/count.ts';
import { countedFields } from '../datasets/counted.ts';
import type { Dataset, Field } from '../datasets/dataset.ts';
import { type Checked, checkValue } from '../datasets/field-value.ts';
import { type Problem, refuseIfAny } from '../datasets/validate.ts';
import type { JsonValue } from '../event.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is known of a count. */
interface Count {
  readonly field: Field;
  readonly shown: JsonValue | undefined;
  /** What all sides of an open dispute come to; undefined where there is none, or nobody can tell. */
  readonly total: JsonValue | undefined;
}

/**
 * The fields of a change, with every counted one as the number that is to stand. `{"add":-2}` takes two away from what is
 * there, whatever that is: two tills that sell at once need not know of each other. While two offices are in dispute over
 * a count, what is shown is that of one of them: a change of it is made to what both of them added.
 * @throws DomainError `invalid-input`
 */
export function withSums(
  fields: Fields,
  dataset: Dataset,
  shown: Readonly<Record<string, JsonValue>>,
  open: ConflictCase | null,
): Fields {
  const problems: Problem[] = [];
  const sums: Record<string, unknown> = { ...fields };
  for (const name of countedFields(dataset)) {
    if (!Object.hasOwn(fields, name) || fields[name] === undefined) continue;
    const total = open?.fields.includes(name) ? open.totals?.[name] : undefined;
    const counted = count(fields[name], { field: dataset.fields[name]!, shown: shown[name], total });
    if ('value' in counted) sums[name] = counted.value;
    else problems.push({ field: name, reason: counted.reason });
  }
  refuseIfAny(problems, dataset);
  return sums;
}

function count(given: unknown, { field, shown, total }: Count): Checked {
  const isAddition = typeof given === 'object' && given !== null;
  const checked = isAddition ? checkAddition(given, field) : checkValue(field, given);
  if (!('value' in checked)) return given === null ? { value: null } : checked;
  if (isAddition) return added(total ?? shown, checked.value);
  const isKnown = total !== undefined && shown !== undefined && shown !== null;
  return isKnown ? added(total, minus(checked.value, shown)) : checked;
}

function checkAddition(given: object, field: Field): Checked {
  const names = Object.keys(given);
  if (names.length !== 1 || names[0] !== 'add')
    return { reason: 'must be a number, or what is to be added to it, as {"add":-2}' };
  const { add } = given as { add: unknown };
  if (field.kind !== 'integer') return checkValue(field, add);
  return checkValue({ kind: 'integer', min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }, add);
}

function added(to: JsonValue | undefined, change: JsonValue): Checked {
  if (to === undefined || to === null)
    return { reason: 'has no number yet to which anything could be added' };
  return { value: plus(to, change) };
}
