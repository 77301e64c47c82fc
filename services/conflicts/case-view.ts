import type { ConflictCase, Contender, Ruling } from '../../domain/conflict/case.ts';
import type { CaseNote } from '../../domain/conflict/notes.ts';
import type { Datasets } from '../../domain/datasets/catalogue.ts';
import { shownName } from '../../domain/datasets/shown.ts';
import { showDecimal } from '../../domain/decimal.ts';
import type { JsonValue } from '../../domain/event.ts';
import { shownValues } from '../dataset/entity-view.ts';

type Values = Readonly<Record<string, JsonValue>>;

/** A conflict as clients see it: both sides, what they had in common, and what was ruled. */
export interface CaseView {
  readonly id: string;
  readonly dataset: string;
  /** Whose entity it is. */
  readonly office: string;
  readonly entityId: string;
  readonly status: ConflictCase['status'];
  readonly fields: readonly string[];
  readonly base: Values;
  /** What the counted fields in dispute come to, by all that was done to them. */
  readonly totals: Values;
  readonly contenders: readonly SideView[];
  readonly overruled: readonly SideView[];
  readonly rulings: readonly RulingView[];
  /** Of the head, oldest first. */
  readonly notes: readonly CaseNote[];
  /** Money: the largest difference that it makes which side stands; null where there is none to be told. */
  readonly atStake: string | null;
  readonly openedAt: string;
  readonly settledAt: string | null;
}

export type SideView = Pick<Contender, 'office' | 'epoch' | 'seq' | 'at' | 'actor' | 'values'>;
export type RulingView = Omit<Ruling, 'by'>;

export function viewCase(datasets: Datasets, conflict: ConflictCase, notes: readonly CaseNote[]): CaseView {
  const of = datasets.named(conflict.dataset);
  const show = (values: Values): Values => (of === null ? values : shownValues(of, values));
  const nameOf = (field: string): string => (of === null ? field : shownName(of, field));
  const { id, dataset, scope, entityId, status, fields, openedAt, settledAt } = conflict;
  return {
    id,
    dataset,
    office: scope,
    entityId,
    status,
    fields: fields.map((field) => nameOf(field)),
    base: show(conflict.base),
    totals: status === 'open' ? show(conflict.totals ?? {}) : {},
    contenders: conflict.contenders.map((side) => viewSide(side, show)),
    overruled: conflict.overruled.map((side) => viewSide(side, show)),
    rulings: conflict.rulings.map((ruling) => viewRuling(ruling, show, nameOf)),
    notes: notes.map((one) => ({ ...one, at: instantOf(one.at) })),
    atStake: conflict.atStake == null ? null : showDecimal(conflict.atStake),
    openedAt: instantOf(openedAt),
    settledAt: settledAt === null ? null : instantOf(settledAt),
  };
}

function viewSide(
  { office, epoch, seq, at, actor, values }: Contender,
  show: (values: Values) => Values,
): SideView {
  return { office, epoch, seq, at: instantOf(at), actor, values: show(values) };
}

function viewRuling(
  { by: _, ...ruling }: Ruling,
  show: (values: Values) => Values,
  nameOf: (field: string) => string,
): RulingView {
  const policies = Object.entries(ruling.policies).map(([field, policy]) => [nameOf(field), policy] as const);
  return {
    ...ruling,
    at: instantOf(ruling.at),
    values: show(ruling.values),
    policies: Object.fromEntries(policies),
  };
}

/** The wall clock's part of a hybrid time. */
function instantOf(at: string): string {
  return at.slice(0, 24);
}
