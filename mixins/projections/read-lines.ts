import { shownByName, shownDataset } from '../../domain/datasets/shown.ts';
import { showDecimal } from '../../domain/decimal.ts';
import { isTransient } from '../../domain/errors.ts';
import type { ProjectionLine } from '../../domain/projections/projection.ts';
import type { Difference, ProjectionRow, ProjectionStore } from '../store/projections/projection-store.ts';
import type { Declared } from './declared.ts';
import { notMade, tableGone } from './refusals.ts';

/** As sales are shown. */
const MIN_MONEY_PLACES = 2;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Lines in key order, behind the key `after`; money with at least 2 places.
 * @throws DomainError `projection-not-made`, also when somebody has dropped the table
 */
export async function readLines(
  store: ProjectionStore,
  { row, of }: { readonly row: ProjectionRow; readonly of: Declared | null },
  after: readonly string[] | null,
  limit: number,
): Promise<ProjectionLine[]> {
  if (of === null || row.state === 'making' || row.state === 'dropped') throw notMade(row);
  try {
    const lines = await linesOf(store, row, of, after, limit);
    return lines.map((line) => withPlaces(of, line) as ProjectionLine);
  } catch (error) {
    if (row.state === 'damaged') throw notMade(row);
    if (isTransient(error) || (await store.hasTable(row.name))) throw error;
    throw tableGone(row);
  }
}

async function linesOf(
  store: ProjectionStore,
  { name }: ProjectionRow,
  of: Declared,
  after: readonly string[] | null,
  limit: number,
): Promise<Fields[]> {
  const target = of.target(name);
  if (target.kind === 'lines') return store.lines(target, after, limit);
  const [scope, entityId] = after ?? [];
  const place = scope === undefined || entityId === undefined ? {} : { after: { scope, entityId } };
  const rows = await store.rowsOf(target, { deleted: 'with', ...place, limit });
  return rows.map(({ scope: office, entityId: id, values, createdAt, updatedAt, deletedAt, conflicted }) => {
    const fields = shownByName(target.dataset, values);
    return { office, id, ...fields, createdAt, updatedAt, deletedAt, conflicted };
  });
}

/** The fields of a line, in order. */
export function fieldsOf(of: Declared): string[] {
  const target = of.target('');
  if (target.kind === 'lines') {
    const { key, counter, measures } = target.projection;
    return [...Object.keys(key), counter.name, ...Object.keys(measures)];
  }
  const { fields, computed } = shownDataset(target.dataset);
  const own = [...Object.keys(fields), ...Object.keys(computed)];
  return ['office', 'id', ...own, 'createdAt', 'updatedAt', 'deletedAt', 'conflicted'];
}

/** Of them, those that make its key. */
export function keyFieldsOf(of: Declared): string[] {
  const target = of.target('');
  return target.kind === 'lines' ? Object.keys(target.projection.key) : ['office', 'id'];
}

/** Both values as people see them. */
export function shownDifference(of: Declared, { key, table, expected }: Difference): Difference {
  const shown = (value: object | null) => (value === null ? null : withPlaces(of, value as Fields));
  return { key, table: shown(table), expected: shown(expected) };
}

/** Fields stand beside each other, or under `values`. */
function withPlaces(of: Declared, line: Fields): Fields {
  const money = moneyOf(of);
  const shown = (fields: Fields): Fields =>
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => {
        if (field === 'values') return [field, shown(value as Fields)];
        return [
          field,
          money.has(field) && typeof value === 'string' ? showDecimal(value, MIN_MONEY_PLACES) : value,
        ];
      }),
    );
  return shown(line);
}

function moneyOf(of: Declared): ReadonlySet<string> {
  const target = of.target('');
  const types =
    target.kind === 'lines'
      ? Object.entries(target.projection.measures)
      : [
          ...Object.entries(target.dataset.fields),
          ...Object.entries(target.dataset.computed).map(([field, { type }]) => [field, type] as const),
        ];
  return new Set(types.filter(([, { kind }]) => kind === 'decimal').map(([field]) => field));
}
