import { DEFINITIONS } from '../../../domain/datasets/event-types.ts';
import { dotName, entityName, type OfficeId } from '../../../domain/event.ts';
import { CONFLICT_RESOLVED, isRecording } from '../../../domain/office/evolve.ts';
import type { EventRow } from '../../../mixins/store/store.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { sameContent } from './one-request.ts';

/** Of every branch's log: count = count of seqs = last seq, ids are unique, and nothing is recorded twice. */
export function checkNothingDoubled(scene: Scene): string[] {
  return scene.sites().flatMap((site) => {
    const rows = site.disk.tables.events.inOrder();
    const logs = Map.groupBy(rows, ({ event }) => event.office);
    const flaws = [...logs].flatMap(([office, log]) => flawsOfLog(scene, site, office, log));
    return [...flaws, ...doubleRecordings(rows, scene.head.office)].map((flaw) => `${site.name}: ${flaw}`);
  });
}

function flawsOfLog(scene: Scene, site: Site, office: OfficeId, rows: readonly EventRow[]): string[] {
  const flaws: string[] = [];
  const isWhole = site.office === office || (site.role === 'head' && office !== scene.head.office);
  const seqs = new Set(rows.map(({ event }) => event.seq));
  const last = rows.reduce((most, { event }) => Math.max(most, event.seq), 0);
  if (office !== scene.head.office && seqs.size !== rows.length)
    flaws.push(`${rows.length} events of ${office} have ${seqs.size} places`);
  if (isWhole && office !== scene.head.office && seqs.size !== last)
    flaws.push(`${seqs.size} events of ${office} go up to ${last}`);
  for (const [id, doubles] of doubledIds(rows, scene.head.office))
    flaws.push(`${doubles.map(({ event }) => dotName(event)).join(' and ')} have the id ${id}`);
  return flaws;
}

/**
 * Rulings of two lives of a restored head may be the same ruling, and then have the same id. So has what a till asked for
 * again under its key, when the restored head had forgotten it and a branch returned it later.
 */
function doubledIds(rows: readonly EventRow[], head: OfficeId): Map<string, EventRow[]> {
  const byId = new Map<string, EventRow[]>();
  for (const row of rows) {
    const same = byId.get(row.event.id);
    if (same === undefined) byId.set(row.event.id, [row]);
    else same.push(row);
  }
  for (const [id, same] of byId)
    if (same.length === 1 || same.every((row) => isSameOfHead(row, same[0]!, head))) byId.delete(id);
  return byId;
}

function isSameOfHead({ event }: EventRow, { event: first }: EventRow, head: OfficeId): boolean {
  const isOtherLife = event === first || event.epoch !== first.epoch;
  return (
    event.office === head && isOtherLife && (event.type === CONFLICT_RESOLVED || sameContent(event, first))
  );
}

function doubleRecordings(rows: readonly EventRow[], head: OfficeId): string[] {
  const recorded = new Map<string, EventRow>();
  const flaws: string[] = [];
  for (const row of rows) {
    if (!isRecording(row.event) || row.event.dataset === DEFINITIONS) continue; // all changes are of one catalogue
    const other = recorded.get(entityName(row.event));
    const isOne = other?.event.id === row.event.id && isSameOfHead(row, other, head);
    if (other !== undefined && !isOne)
      flaws.push(`${dotName(other.event)} and ${dotName(row.event)} record the same sale`);
    recorded.set(entityName(row.event), row);
  }
  return flaws;
}
