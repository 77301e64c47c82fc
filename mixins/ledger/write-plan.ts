import type { ConflictCase } from '../../domain/conflict/case.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { EntityChange } from '../../domain/office/fold.ts';
import { presentRow } from '../../domain/office/present.ts';
import {
  addModulo,
  bytesToNumber,
  type DigestDelta,
  numberToBytes,
} from '../../domain/projections/digest.ts';
import { ZERO_HASH } from '../../domain/chain.ts';
import type { AcceptedEvent } from '../../domain/sync/apply.ts';
import type { DigestRow, EntityWrite, EventRow, StoreTx, WaitingRow } from '../store/store.ts';

/** What every plan of the domain asks to be written, whoever made the events. */
export interface PlannedFold {
  readonly changes: readonly EntityChange[];
  readonly cases: readonly ConflictCase[];
  readonly digests: readonly DigestDelta[];
}

export type DatasetNamed = (name: string) => Dataset | null;

export async function writeFold(tx: StoreTx, plan: PlannedFold, datasetNamed: DatasetNamed): Promise<void> {
  const { changes, cases, digests } = plan;
  await Promise.all([
    addDigests(tx, digests), // reads first: the others are written meanwhile
    changes.length > 0 ? tx.saveEntities(changes.map((change) => entityWrite(change, datasetNamed))) : null,
    cases.length > 0 ? tx.saveCases(cases) : null,
  ]);
}

export function entityWrite({ before, after }: EntityChange, datasetNamed: DatasetNamed): EntityWrite {
  const dataset = datasetNamed(after.dataset);
  return { state: after, row: dataset === null ? null : presentRow(dataset, after), isNew: before === null };
}

export function appliedRow(logged: LoggedEvent & { readonly position: number }): EventRow {
  const { event, bytes, hash, position } = logged;
  return { event, bytes, hash, position, status: 'applied' };
}

export function acceptedRow({ event, bytes, hash, position, status }: AcceptedEvent): EventRow {
  return { event, bytes, hash, position, status };
}

export function waitingRows(accepted: readonly AcceptedEvent[], nowMs: number): WaitingRow[] {
  return accepted.flatMap(({ event, position, status, reason, detail }) => {
    if (status === 'applied' || status === 'discarded') return [];
    const { office, dataset, scope, entityId } = event;
    return [
      {
        position,
        office,
        dataset,
        scope,
        entityId,
        status,
        reason: reason ?? 'unknown',
        detail,
        sinceMs: nowMs,
      },
    ];
  });
}

async function addDigests(tx: StoreTx, deltas: readonly DigestDelta[]): Promise<void> {
  if (deltas.length === 0) return;
  const known = new Map((await tx.digestsOf(deltas)).map((row) => [bucketName(row), row]));
  await tx.saveDigests(deltas.map((delta) => addDelta(known.get(bucketName(delta)), delta)));
}

function bucketName({ dataset, scope, bucket }: Pick<DigestDelta, 'dataset' | 'scope' | 'bucket'>): string {
  return `${dataset}\n${scope}\n${bucket}`;
}

function addDelta(row: DigestRow | undefined, delta: DigestDelta): DigestRow {
  const { dataset, scope, bucket } = delta;
  return {
    dataset,
    scope,
    bucket,
    count: (row?.count ?? 0) + delta.count,
    events: numberToBytes(addModulo(bytesToNumber(row?.events ?? ZERO_HASH), delta.events)),
    state: numberToBytes(addModulo(bytesToNumber(row?.state ?? ZERO_HASH), delta.state)),
  };
}
