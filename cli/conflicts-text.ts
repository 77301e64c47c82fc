import { STATUS_FIELD } from '../domain/office/entity-state.ts';
import type { CaseView } from '../services/conflicts/case-view.ts';
import { table } from './output.ts';

type Values = Readonly<Record<string, unknown>>;

export function caseTable(items: readonly CaseView[]): string {
  return table(
    ['CONFLICT', 'STATUS', 'OFFICE', 'OF', 'FIELDS', 'AT STAKE', 'OPENED', 'SIDES'],
    items.map((one) => [
      one.id,
      one.status,
      one.office,
      `${one.dataset} ${one.entityId}`,
      fieldsText(one.fields),
      one.atStake ?? '-',
      one.openedAt.slice(0, 16),
      sidesOf(one),
    ]),
  );
}

export function caseText(conflict: CaseView): string {
  const { id, status, dataset, entityId, office, fields, base, contenders, rulings, notes, atStake } =
    conflict;
  const stake = atStake === null ? '' : `; ${atStake} at stake`;
  return [
    `${id}: ${status}, about ${fieldsText(fields)} of "${entityId}" (${dataset} of ${office})${stake}`,
    `before   ${valuesText(base)}`,
    ...contenders.map(
      (side) => `side     ${side.office}: ${valuesText(side.values)}  (${side.at}, ${side.actor})`,
    ),
    ...rulings.map(
      (one) =>
        `${one.overrules === undefined ? 'ruling ' : 'instead'}  ${valuesText(one.values)}  (${rulingText(one)})`,
    ),
    ...notes.map(({ at, actor, note }) => `note     ${note}  (${at}, ${actor})`),
  ].join('\n');
}

export function valuesText(values: Values): string {
  return Object.entries(values)
    .map(([field, value]) => (field === STATUS_FIELD ? statusText(value) : `${field}=${String(value)}`))
    .join(' ');
}

function sidesOf({ contenders }: CaseView): string {
  return contenders.map(({ office, values }) => `${office} ${valuesText(values)}`).join(' | ');
}

function statusText(status: unknown): string {
  return status === 'voided' ? 'voided' : 'not voided';
}

function fieldsText(fields: readonly string[]): string {
  return fields.map((field) => (field === STATUS_FIELD ? 'voiding' : field)).join(', ');
}

function rulingText({ policies, policyVersion, kind, at, actor, note }: CaseView['rulings'][number]): string {
  const by = kind === 'edited' ? 'by an edit' : `${policiesText(policies)} v${policyVersion}`;
  return [by, at, actor, ...(note === undefined ? [] : [`"${note}"`])].join(', ');
}

function policiesText(policies: Readonly<Record<string, string>>): string {
  return [...new Set(Object.values(policies))].join(', ');
}
