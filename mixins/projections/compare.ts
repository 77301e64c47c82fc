import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetRow } from '../../domain/datasets/dataset.ts';
import { compareText, dotName, type EntityKey } from '../../domain/event.ts';
import { stateText } from '../../domain/office/present.ts';
import type { KnownEntity } from '../../domain/projections/known-entity.ts';
import type { HeldEvent } from '../../domain/projections/moment.ts';
import type { ProjectionLine } from '../../domain/projections/projection.ts';
import { Slices } from '../slices.ts';
import type { EntityHistory, EntityPage } from '../store/projections/known-events.ts';
import type {
  Difference,
  LinesTarget,
  ProjectionStore,
  RowsTarget,
  StoredEntity,
} from '../store/projections/projection-store.ts';
import { pairOf, pairsOf } from './pairs.ts';

const LINES_AT_ONCE = 500;
/** Behind all that there is, and will be. */
export const EVER = { position: Number.MAX_SAFE_INTEGER, lateNo: Number.MAX_SAFE_INTEGER };

/** The first line, in key order, that two tables do not share. */
export async function differenceOfLines(
  store: ProjectionStore,
  table: LinesTarget,
  expected: LinesTarget,
): Promise<Difference | null> {
  const fields = Object.keys(table.projection.key);
  for (let after: string[] | null = null; ; await nextTurn()) {
    const [found, made]: [ProjectionLine[], ProjectionLine[]] = await Promise.all([
      store.lines(table, after, LINES_AT_ONCE),
      store.lines(expected, after, LINES_AT_ONCE),
    ]);
    const differing = firstDifference(found, made, fields);
    if (differing !== null) return differing;
    if (found.length < LINES_AT_ONCE) return null;
    after = fields.map((field) => String(found.at(-1)![field]));
  }
}

function firstDifference(
  found: readonly ProjectionLine[],
  made: readonly ProjectionLine[],
  fields: readonly string[],
): Difference | null {
  const keyOf = (line: ProjectionLine) =>
    Object.fromEntries(fields.map((field) => [field, String(line[field])]));
  const at = [...found, ...made].findIndex(
    (_, index) => JSON.stringify(found[index]) !== JSON.stringify(made[index]),
  );
  if (at < 0) return null;
  const [one, other] = [found[at], made[at]];
  if (one === undefined || other === undefined)
    return { key: keyOf((one ?? other)!), table: one ?? null, expected: other ?? null };
  const order = compareKeys(one, other, fields);
  if (order === 0) return { key: keyOf(one), table: one, expected: other };
  // A line that only one of them has: the one that comes first.
  return order < 0
    ? { key: keyOf(one), table: one, expected: null }
    : { key: keyOf(other), table: null, expected: other };
}

function compareKeys(a: ProjectionLine, b: ProjectionLine, fields: readonly string[]): number {
  return fields.reduce((order, field) => order || compareText(String(a[field]), String(b[field])), 0);
}

/** What is compared at a time. */
export interface ComparedPage {
  readonly scope: string;
  readonly after: string;
  readonly page: EntityPage;
  /** Of stored rows: there may be any number that no event names. */
  readonly mostRows: number;
}

export interface Compared {
  readonly difference: Difference | null;
  /** How far in the page; null when it is done. */
  readonly reached: string | null;
}

/**
 * The first entity of a page that is stored otherwise than it folds. The table goes on changing, so one that seems to
 * differ is looked at again while nobody writes.
 */
export async function compareEntities(
  store: ProjectionStore,
  target: RowsTarget,
  { scope, after, page, mostRows }: ComparedPage,
): Promise<Compared> {
  const stored = await store.storedEntities(target, scope, { after, upTo: page.next, limit: mostRows });
  const reached = stored.length < mostRows ? null : stored.at(-1)!.row.entityId;
  const byId = new Map(stored.map((entity) => [entity.row.entityId, entity]));
  const pairs = await pairsOf(target.dataset, page.histories, null, EVER);
  const folded = new Map(pairs.map(({ key, after: known }) => [key.entityId, known]));
  const odd = new Set(page.histories.filter(isOdd).map(({ key }) => key.entityId));
  const all = [...new Set([...folded.keys(), ...byId.keys()])].sort(compareText);
  const ids = reached === null ? all : all.filter((id) => compareText(id, reached) <= 0);
  const slices = new Slices();
  for (const entityId of ids) {
    if (slices.isOver) await slices.next();
    if (!odd.has(entityId) && isSame(byId.get(entityId) ?? null, folded.get(entityId) ?? null)) continue;
    const difference = await lookAgain(store, target, scope, entityId);
    if (difference !== null) return { difference, reached };
  }
  return { difference: null, reached };
}

function lookAgain(
  store: ProjectionStore,
  target: RowsTarget,
  scope: string,
  entityId: string,
): Promise<Difference | null> {
  const key = { dataset: target.dataset.name, scope, entityId };
  return store.withLog(async () => {
    const stored = await store.storedEntity(target, key);
    const [history] = await store.histories([key], EVER);
    const known = history === undefined ? null : fold(target, history);
    const changed = history === undefined ? null : history.late.contradicted(history.events);
    if (changed !== null) return oddStatus(key, changed);
    if (isSame(stored, known)) return null;
    return { key: { office: scope, id: entityId }, table: shown(stored), expected: shown(known) };
  });
}

function isOdd({ late, events }: EntityHistory): boolean {
  return late.contradicted(events) !== null;
}

/** What became of the event is noted apart: only past the store can its row say otherwise. */
function oddStatus({ scope, entityId }: EntityKey, { event, isApplied }: HeldEvent): Difference {
  const said = (isIt: boolean) => ({ event: dotName(event), status: isIt ? 'applied' : 'not applied' });
  return { key: { office: scope, id: entityId }, table: said(isApplied), expected: said(!isApplied) };
}

function fold(target: RowsTarget, history: EntityHistory): KnownEntity | null {
  return pairOf(target.dataset, history, null, EVER, null).after;
}

function isSame(stored: StoredEntity | null, known: KnownEntity | null): boolean {
  if (stored === null || known === null) return stored === known;
  return stored.state === stateText(known.state) && isSameRow(stored.row, known.row);
}

/** Their values are texts, numbers and flags. */
function isSameRow({ values: stored, ...row }: DatasetRow, { values: known, ...other }: DatasetRow): boolean {
  return hasSameFields(row, other) && hasSameFields(stored, known);
}

type Fields = Readonly<Record<string, unknown>>;

function hasSameFields(one: Fields, other: Fields): boolean {
  for (const name in one) if (one[name] !== other[name]) return false;
  for (const name in other) if (!(name in one)) return false;
  return true;
}

function shown(entity: StoredEntity | KnownEntity | null): DatasetRow | null {
  return entity?.row ?? null;
}
