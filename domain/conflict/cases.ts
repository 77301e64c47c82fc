import { covers, lifeOf } from '../clock.ts';
import {
  dotName,
  dotOf,
  entityKeyOf,
  sameDot,
  type DomainEvent,
  type JsonObject,
  type JsonValue,
} from '../event.ts';
import { compareWriters, STATUS_FIELD, type EntityState } from '../office/entity-state.ts';
import { CONFLICT_RESOLVED, evolve, writtenFields } from '../office/evolve.ts';
import { statusOf, winningValues } from '../office/present.ts';
import type { Hasher } from '../ports.ts';
import type { ConflictCase, Contender, Ruling } from './case.ts';
import { derivedId } from './derived-id.ts';
import { countOf } from './count.ts';
import { contendersOf, type CountedFields, disputedFields } from './detect.ts';

type Values = Readonly<Record<string, JsonValue>>;

/** A case while events are folded. */
export interface TrackedCase extends ConflictCase {
  /** Its sides have changed since its base was worked out. */
  readonly isBaseOld?: true;
}

/** One event that was just folded into its entity, and what is known around it. */
export interface Upkeep {
  /** The open case of the entity: there is never more than one. */
  readonly open: TrackedCase | null;
  readonly before: EntityState | null;
  readonly after: EntityState;
  readonly event: DomainEvent;
  /** All applied events of the entity, in any order. Asked for only when other fields come to be in dispute. */
  readonly history: () => readonly DomainEvent[];
  readonly hasher: Hasher;
  readonly counted: CountedFields;
}

/**
 * Keeps the case of an entity: opens it at the first dispute, follows its sides, notes what was ruled in part,
 * settles it when nothing is in dispute any more. Null when there is no case. The id follows from the entity and
 * the sides at the opening, so offices that saw the same dispute arise name it alike.
 */
export function trackCase(upkeep: Upkeep): TrackedCase | null {
  const fields = disputedFields(upkeep.after, upkeep.counted);
  if (upkeep.open !== null)
    return fields.length > 0 ? goOn(upkeep.open, fields, upkeep) : settle(upkeep.open, upkeep);
  return fields.length > 0 ? openCase(fields, upkeep) : null;
}

/** The sides that still hold a disputed field: those a ruling has to weigh. */
export function standingContenders({
  contenders,
  fields,
}: Pick<ConflictCase, 'contenders' | 'fields'>): Contender[] {
  return contenders.filter((side) => fields.some((field) => Object.hasOwn(side.values, field)));
}

function openCase(fields: string[], { after, hasher }: Upkeep): TrackedCase {
  const contenders = contendersOf(after, fields);
  const key = entityKeyOf(after);
  return {
    ...key,
    id: derivedId(hasher, [
      'conflict',
      key.dataset,
      key.scope,
      key.entityId,
      ...contenders.map(dotName).sort(),
    ]),
    status: 'open',
    openedAt: contenders.at(-1)!.at, // not when this office learned of it: cases of one id say the same everywhere
    settledAt: null,
    fields,
    base: {},
    isBaseOld: true,
    contenders,
    overruled: [],
    rulings: [],
  };
}

function goOn(before: TrackedCase, fields: string[], upkeep: Upkeep): TrackedCase {
  const open = sameFields(before.fields, fields) ? before : withBase(before, upkeep.history);
  const standing = contendersOf(upkeep.after, fields);
  const isSame =
    fields.every((field) => open.fields.includes(field)) && sameSides(standing, standingContenders(open));
  const { totals, ...rest } = open;
  return {
    ...rest,
    fields,
    ...(isSame ? {} : { isBaseOld: true }),
    ...(isSame && totals !== undefined ? { totals: pick(totals, fields) } : {}),
    contenders: withFormerValues(standing, open, fields),
    overruled: overruledSides(standing, open, fields),
    rulings: withRuling(open, fields, upkeep),
  };
}

function settle(before: TrackedCase, upkeep: Upkeep): ConflictCase {
  const open = withBase(before, upkeep.history);
  return { ...open, status: 'settled', settledAt: upkeep.event.at, rulings: withRuling(open, [], upkeep) };
}

function sameFields(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((field, index) => field === others[index]);
}

function sameSides(some: readonly Contender[], others: readonly Contender[]): boolean {
  return some.length === others.length && some.every((side) => others.some((other) => sameDot(side, other)));
}

// ---------------------------------------------------------------- the base

/** The last values that every side had seen: a fold of the events that all of their clocks cover. */
function baseOf(
  sides: readonly Contender[],
  fields: readonly string[],
  history: readonly DomainEvent[],
): Values {
  const seenByAll = history.filter((event) =>
    sides.every((side) => covers(side.clock, event) && !sameDot(side, event)),
  );
  const state = seenByAll.reduce<EntityState | null>(evolve, null);
  return state === null ? {} : pick(shownValues(state), fields);
}

/**
 * The case with its base and, while it is open, with what its counted fields come to. Both take all that there is of the
 * entity, and are worked out once for many events.
 */
export function workedOut(
  tracked: TrackedCase,
  counted: CountedFields,
  history: () => readonly DomainEvent[],
): ConflictCase {
  const based = withBase(tracked, history);
  if (based.status !== 'open' || based.totals !== undefined) return based;
  return { ...based, totals: totalsOf(based.fields, counted, history) };
}

function withBase(tracked: TrackedCase, history: Upkeep['history']): ConflictCase {
  if (tracked.isBaseOld === undefined) return tracked;
  const { isBaseOld: _, ...known } = tracked;
  const { fields, base } = known;
  return {
    ...known,
    base: { ...without(base, fields), ...baseOf(standingContenders(known), fields, history()) },
  };
}

function totalsOf(fields: readonly string[], counted: CountedFields, history: Upkeep['history']): Values {
  const totals = fields
    .filter((field) => counted.has(field))
    .map((field) => [field, countOf(history(), field)] as const)
    .filter(([, total]) => total !== undefined);
  return Object.fromEntries(totals) as Values;
}

function shownValues(state: EntityState): Values {
  return { ...winningValues(state), [STATUS_FIELD]: statusOf(state) };
}

function pick(values: Values, fields: readonly string[]): Values {
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(values, field)).map((field) => [field, values[field]!]),
  );
}

function without(values: Values, fields: readonly string[]): Values {
  return pick(
    values,
    Object.keys(values).filter((field) => !fields.includes(field)),
  );
}

// ---------------------------------------------------------------- the sides

/** The sides as they stand, with what they held in fields that were ruled before. */
function withFormerValues(
  standing: readonly Contender[],
  open: ConflictCase,
  fields: readonly string[],
): Contender[] {
  const sides = new Map(standing.map((side) => [lifeOf(side), side]));
  for (const former of open.contenders) {
    const ruled = restrict(former, (field) => !fields.includes(field));
    if (ruled === null) continue;
    const side = sides.get(lifeOf(former));
    sides.set(lifeOf(former), side === undefined ? ruled : joined(ruled, side));
  }
  return [...sides.values()].sort(compareWriters);
}

/** Former sides whose value in a field still in dispute has been replaced by somebody else's. */
function overruledSides(
  standing: readonly Contender[],
  open: ConflictCase,
  fields: readonly string[],
): Contender[] {
  const gone = new Map(open.overruled.map((side) => [lifeOf(side), side]));
  for (const former of open.contenders) {
    const now = standing.find((side) => lifeOf(side) === lifeOf(former));
    const lost = restrict(
      former,
      (field) => fields.includes(field) && !Object.hasOwn(now?.values ?? {}, field),
    );
    if (lost === null) continue;
    const earlier = gone.get(lifeOf(former));
    gone.set(lifeOf(former), earlier === undefined ? lost : joined(earlier, lost));
  }
  return [...gone.values()].sort(compareWriters);
}

/** The side with only some of its values; null when none is left. */
function restrict(side: Contender, isKept: (field: string) => boolean): Contender | null {
  const kept = Object.keys(side.values).filter(isKept);
  if (kept.length === 0) return null;
  const wroteAt = Object.fromEntries(kept.map((field) => [field, side.wroteAt[field]!]));
  return { ...side, values: pick(side.values, kept), wroteAt };
}

function joined(older: Contender, newer: Contender): Contender {
  return {
    ...newer,
    values: { ...older.values, ...newer.values },
    wroteAt: { ...older.wroteAt, ...newer.wroteAt },
  };
}

// ---------------------------------------------------------------- the rulings

function withRuling(
  open: ConflictCase,
  fields: readonly string[],
  { event, after }: Upkeep,
): readonly Ruling[] {
  const isResolution = event.type === CONFLICT_RESOLVED;
  const wrote = isResolution ? Object.keys(writtenFields(event)) : [];
  const settledNow = open.fields.filter((field) => !fields.includes(field));
  const decided = [...new Set([...wrote, ...settledNow])];
  if (decided.length === 0 || open.rulings.some((ruling) => sameDot(ruling.by, event))) return open.rulings;
  const values = isResolution
    ? { ...pick(shownValues(after), settledNow), ...writtenFields(event) }
    : pick(shownValues(after), decided);
  return [...open.rulings, rulingBy(event, values)];
}

/** Which settled case an event rules on again: null for any other event. */
export function caseOverruledBy({ type, data }: Pick<DomainEvent, 'type' | 'data'>): string | null {
  const { caseId, overrules } = data;
  return type === CONFLICT_RESOLVED && typeof overrules === 'string' && typeof caseId === 'string'
    ? caseId
    : null;
}

/** The settled case with one more ruling, which stands in place of those before. */
export function ruledAgain(settled: ConflictCase, event: DomainEvent): ConflictCase {
  if (settled.rulings.some((ruling) => sameDot(ruling.by, event))) return settled;
  const ruling = rulingBy(event, writtenFields(event));
  return { ...settled, settledAt: event.at, rulings: [...settled.rulings, ruling] };
}

function rulingBy(event: DomainEvent, values: Values): Ruling {
  const isResolution = event.type === CONFLICT_RESOLVED;
  const { overrules, note } = event.data;
  return {
    by: dotOf(event),
    eventId: event.id,
    kind: isResolution ? 'resolved' : 'edited',
    actor: event.actor,
    at: event.at,
    policies: isResolution
      ? ((event.data['policies'] ?? {}) as JsonObject as Readonly<Record<string, string>>)
      : {},
    policyVersion: isResolution ? Number(event.data['policyVersion'] ?? 0) : 0,
    ...(isResolution && typeof overrules === 'string' ? { overrules } : {}),
    ...(isResolution && typeof note === 'string' ? { note } : {}),
    values,
  };
}
