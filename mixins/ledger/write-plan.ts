import type { ConflictCase } from '../../domain/conflict/case.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { DEFINITIONS } from '../../domain/datasets/event-types.ts';
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
import type { DigestRow, EntityWrite, EventRow, LogRow, StoreTx, WaitingRow } from '../store/store.ts';

/** What every plan of the domain asks to be written, whoever made the events. */
export interface PlannedFold {
  readonly changes: readonly EntityChange[];
  readonly cases: readonly ConflictCase[];
  readonly digests: readonly DigestDelta[];
}

export type DatasetNamed = (name: string) => Dataset | null;

/** Digests as they stand, by dataset and scope: with an entry for each that was asked for. */
export type HeldDigests = ReadonlyMap<string, readonly DigestRow[]>;

/** Those that events of these entities add to. */
export async function digestsFor(tx: StoreTx, keys: readonly ScopeKey[]): Promise<HeldDigests> {
  const scopes = new Map(
    keys.map(({ dataset, scope }) => [scopeName({ dataset, scope }), { dataset, scope }]),
  );
  const held = new Map([...scopes.keys()].map((name) => [name, [] as DigestRow[]]));
  const rows = scopes.size === 0 ? [] : await tx.digestsOf([...scopes.values()]);
  for (const row of rows) held.get(scopeName(row))?.push(row);
  return held;
}

/** `held`: what was read before, in this transaction; the rest is read now. */
export async function writeFold(
  tx: StoreTx,
  plan: PlannedFold,
  datasetNamed: DatasetNamed,
  held: HeldDigests = new Map(),
): Promise<void> {
  const { changes, cases, digests } = plan;
  await Promise.all([
    addDigests(tx, digests, held), // may read first: the others are written meanwhile
    changes.length > 0 ? tx.saveEntities(changes.map((change) => entityWrite(change, datasetNamed))) : null,
    cases.length > 0 ? tx.saveCases(cases) : null,
  ]);
}

export function entityWrite({ before, after }: EntityChange, datasetNamed: DatasetNamed): EntityWrite {
  const dataset = datasetNamed(after.dataset);
  return { state: after, row: dataset === null ? null : presentRow(dataset, after), isNew: before === null };
}

/** The log's row after these changes, as far as they say what the datasets are. */
export function withDefinitions(log: LogRow, changes: readonly EntityChange[]): LogRow {
  const isChanged = changes.some(({ after }) => after.dataset === DEFINITIONS);
  return isChanged ? { ...log, definitions: log.definitions + 1 } : log;
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

async function addDigests(tx: StoreTx, deltas: readonly DigestDelta[], held: HeldDigests): Promise<void> {
  if (deltas.length === 0) return;
  const others = deltas.filter((delta) => !held.has(scopeName(delta)));
  const rows = [...held.values(), ...(await digestsFor(tx, others)).values()].flat();
  const known = new Map(rows.map((row) => [bucketName(row), row]));
  await tx.saveDigests(deltas.map((delta) => addDelta(known.get(bucketName(delta)), delta)));
}

type ScopeKey = Pick<DigestDelta, 'dataset' | 'scope'>;

function scopeName({ dataset, scope }: ScopeKey): string {
  return `${dataset}\n${scope}`;
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
