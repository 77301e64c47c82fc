import { covers } from '../../../domain/clock.ts';
import { dotName, entityName } from '../../../domain/event.ts';
import type { EventRow } from '../../../mixins/store/store.ts';
import { factName } from '../oracle.ts';
import type { Scene } from '../scene.ts';
import { Strangers } from '../strangers.ts';

/**
 * Clocks tell the truth: of two events on one entity the later one's covers the other if, and only if, its author had
 * it when he wrote. So no edit made blindly is taken for one that knew, whatever was restored, copied or repaired.
 */
export function checkCausality(scene: Scene): string[] {
  return byEntity(scene.head.disk.tables.events.inOrder()).flatMap((rows) =>
    rows.flatMap((row) =>
      Strangers.isTheirs(row.event) ? [] : flawsOf(row, rows, scene.oracle.tellings.of(nameOf(row))),
    ),
  );
}

/** Of the telling that it agrees with, which is none; otherwise of the last one. */
function flawsOf(
  row: EventRow,
  rows: readonly EventRow[],
  tellings: readonly ReadonlySet<string>[],
): string[] {
  let flaws = [`${dotName(row.event)} was never seen written`];
  for (const seen of tellings) {
    flaws = flawsOfTelling(row, rows, seen);
    if (flaws.length === 0) break;
  }
  return flaws;
}

function flawsOfTelling(row: EventRow, rows: readonly EventRow[], seen: ReadonlySet<string>): string[] {
  return rows.flatMap((other) => {
    const hadSeen = seen.has(nameOf(other)) && !sawTwin(row, other, rows);
    return other === row ? [] : flawOf(row, other, hadSeen, () => isNamable(other, rows, seen));
  });
}

function flawOf({ event }: EventRow, other: EventRow, hadSeen: boolean, isNamable: () => boolean): string[] {
  const says = covers(event.clock, other.event);
  if (says === hadSeen || (hadSeen && !isNamable())) return [];
  const what = says ? 'claims to have seen' : 'does not say that it had seen';
  return [`${dotName(event)} ${what} ${dotName(other.event)}`];
}

/**
 * Two lives of a restored head rule on one case under one id, which follows from the case: what was seen under it is the
 * ruling of the life that the clock names.
 */
function sawTwin({ event }: EventRow, other: EventRow, rows: readonly EventRow[]): boolean {
  if (covers(event.clock, other.event)) return false;
  return rows.some(
    (row) =>
      row !== other && row.event !== event && nameOf(row) === nameOf(other) && covers(event.clock, row.event),
  );
}

/** A clock that names it would claim more: it had itself seen, or its life had written before, what was not seen. */
function isNamable(other: EventRow, rows: readonly EventRow[], seen: ReadonlySet<string>): boolean {
  const before = rows.filter((row) => row !== other && covers(other.event.clock, row.event));
  return before.every((row) => seen.has(nameOf(row)));
}

function byEntity(rows: readonly EventRow[]): EventRow[][] {
  const found = new Map<string, EventRow[]>();
  for (const row of rows) {
    const same = found.get(entityName(row.event));
    if (same) same.push(row);
    else found.set(entityName(row.event), [row]);
  }
  return [...found.values()];
}

function nameOf({ event }: EventRow): string {
  return factName(event.office, event.id);
}
