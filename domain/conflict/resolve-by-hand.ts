import type { Dataset } from '../datasets/dataset.ts';
import { checkField, refuseIfAny, type Problem } from '../datasets/validate.ts';
import { DomainError } from '../errors.ts';
import type { JsonValue, OfficeId } from '../event.ts';
import { STATUS_FIELD } from '../office/entity-state.ts';
import type { ConflictCase, Ruling } from './case.ts';
import { standingContenders } from './cases.ts';

/** A person's decision: one side as it is, or a value for every field in dispute. */
export type Choice =
  | { readonly take: { readonly office: OfficeId; readonly epoch?: number } }
  | { readonly values: Readonly<Record<string, unknown>> };

export interface ManualRuling {
  readonly writes: Readonly<Record<string, JsonValue>>;
  readonly policies: Readonly<Record<string, string>>;
}

/**
 * @throws DomainError `case-settled`, `unknown-side`, `invalid-input` (every disputed field needs a value)
 */
export function ruleByHand(conflict: ConflictCase, dataset: Dataset, choice: Choice): ManualRuling {
  if (conflict.status !== 'open') throw caseSettled(conflict);
  const given = 'take' in choice ? valuesOfSide(conflict, choice.take) : choice.values;
  const writes = checkedValues(conflict, dataset, given);
  return { writes, policies: Object.fromEntries(conflict.fields.map((field) => [field, 'manual'])) };
}

/** The fields that a settled case was about, each of which was ruled on, by whatever ruling. */
export function ruledFields({ rulings }: Pick<ConflictCase, 'rulings'>): string[] {
  return [...new Set(rulings.flatMap(({ values }) => Object.keys(values)))].sort();
}

/**
 * A person's second decision on a settled case: one side as it was, or values for some of its fields.
 * @throws DomainError `case-open`, `unknown-side`, `invalid-input`
 */
export function overruleByHand(conflict: ConflictCase, dataset: Dataset, choice: Choice): ManualRuling {
  const fields = ruledFields(conflict);
  if (conflict.status === 'open') {
    const message = `The conflict ${conflict.id} is open: there is no ruling to set aside; resolve it`;
    throw new DomainError('case-open', message, { caseId: conflict.id });
  }
  const given = 'take' in choice ? valuesOfSide({ ...conflict, fields }, choice.take) : choice.values;
  const asked = fields.filter((field) => Object.hasOwn(given, field));
  const writes = checkedValues({ ...conflict, fields: asked }, dataset, given);
  return { writes, policies: Object.fromEntries(asked.map((field) => [field, 'manual'])) };
}

/** Says when and how: whoever asks has not seen it. */
function caseSettled({ id, settledAt, rulings }: ConflictCase): DomainError {
  const at = settledAt?.slice(0, 24) ?? null;
  const ruling = rulings.at(-1) ?? null;
  const how = ruling === null ? '' : ` ${howRuled(ruling)}`;
  return new DomainError(
    'case-settled',
    `The conflict ${id} was settled${at === null ? '' : ` at ${at}`}${how}`,
    {
      caseId: id,
      reason: 'settled',
      settledAt: at,
      ruling: ruling && {
        kind: ruling.kind,
        actor: ruling.actor,
        policies: ruling.policies,
        values: ruling.values,
      },
    },
  );
}

function howRuled({ kind, actor, policies, values }: Ruling): string {
  const by = kind === 'edited' ? `by an edit of ${actor}` : `by ${actor} (${namesOf(policies)})`;
  const stands = Object.entries(values).map(([field, value]) =>
    field === STATUS_FIELD ? String(value) : `${field}=${String(value)}`,
  );
  return `${by}: ${stands.join(', ')}`;
}

function namesOf(policies: Ruling['policies']): string {
  return [...new Set(Object.values(policies))].join(', ');
}

/** Without an epoch, the newest life of the office. */
function valuesOfSide(
  conflict: ConflictCase,
  { office, epoch }: { readonly office: OfficeId; readonly epoch?: number },
): Readonly<Record<string, unknown>> {
  const sides = standingContenders(conflict);
  const side = sides.findLast(
    (other) => other.office === office && (epoch === undefined || other.epoch === epoch),
  );
  if (side === undefined) {
    const names = sides.map((other) => other.office).join(', ');
    throw new DomainError(
      'unknown-side',
      `${office} is no side of the conflict ${conflict.id}: ${names} are`,
      {
        expected: sides.map((other) => ({ office: other.office, epoch: other.epoch })),
        actual: { office, epoch: epoch ?? null },
      },
    );
  }
  const disputed = Object.entries(side.values).filter(([field]) => conflict.fields.includes(field));
  return Object.fromEntries(disputed);
}

function checkedValues(
  conflict: ConflictCase,
  dataset: Dataset,
  given: Readonly<Record<string, unknown>>,
): Record<string, JsonValue> {
  const problems: Problem[] = Object.keys(given)
    .filter((field) => !conflict.fields.includes(field))
    .map((field) => ({ field, reason: 'is not in dispute' }));
  const writes: Record<string, JsonValue> = {};
  for (const field of conflict.fields) {
    const checked = Object.hasOwn(given, field)
      ? checkChoice(field, dataset, given[field])
      : { reason: 'needs a value' };
    if ('value' in checked) writes[field] = checked.value;
    else problems.push({ field, reason: checked.reason });
  }
  refuseIfAny(problems, dataset);
  return writes;
}

function checkChoice(field: string, dataset: Dataset, given: unknown): ReturnType<typeof checkField> {
  if (field !== STATUS_FIELD) {
    return Object.hasOwn(dataset.fields, field)
      ? checkField(dataset.fields[field]!, given)
      : { reason: 'is no field' };
  }
  return given === 'live' || given === 'voided' ? { value: given } : { reason: 'must be live or voided' };
}
