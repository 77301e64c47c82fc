import type { ProjectionRow, ProjectionStore } from '../store/projections/projection-store.ts';
import type { Worker } from './claim.ts';
import type { Declared } from './declared.ts';
import { isWorkedOn } from './follow.ts';
import { newJob } from './job.ts';

/**
 * What this program declares and the database does not have is to be made; what another version made is to be made anew.
 * Looked at again and again: while an office is updated process by process, one of the old ones may still make its own.
 * Only what is older is made anew then, so that two versions do not take it from each other for ever; and what failed or
 * was cancelled is tried again by the next start alone.
 * @returns whether something was asked for
 */
export async function askForMissing(
  { store, worker }: { readonly store: ProjectionStore; readonly worker: Worker },
  rows: readonly ProjectionRow[],
  isStart: boolean,
): Promise<boolean> {
  const known = new Map(rows.map((row) => [row.name, row]));
  const missing = worker.declared.all().filter((of) => isMissing(known.get(of.base) ?? null, of, isStart));
  if (missing.length === 0) return false;
  const moment = await store.present();
  for (const of of missing) {
    await store.transaction(async (tx) => {
      const row = await tx.lockRow(of.base);
      if (!isMissing(row, of, isStart)) return; // another process was first
      const made = row ?? newRow(of);
      const { kind, version } = of;
      if (kind === 'dataset') await tx.saveRow({ ...made, version });
      else await tx.saveRow({ ...made, job: newJob({ kind: 'rebuild', version, moment }, worker.nowMs()) });
    });
  }
  return true;
}

function isMissing(row: ProjectionRow | null, { version }: Declared, isStart: boolean): boolean {
  if (row === null) return true;
  if (row.state === 'dropped' || isWorkedOn(row)) return false;
  const { job } = row;
  const isTried = job?.kind === 'rebuild' && job.version === version && job.phase !== 'done';
  if (isStart) return row.version !== version || row.state === 'making';
  return (row.version < version || row.state === 'making') && !isTried;
}

export function newRow({ base, kind, version }: Declared): ProjectionRow {
  return {
    name: base,
    base,
    kind,
    version,
    state: kind === 'dataset' ? 'live' : 'making',
    checkpoint: { position: 0, lateNo: 0 },
    holder: '',
    token: 0,
    leaseUntilMs: 0,
    failures: 0,
    updatedAtMs: 0,
    job: null,
  };
}
