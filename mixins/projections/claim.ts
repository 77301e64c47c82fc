import { DomainError } from '../../domain/errors.ts';
import type { Declarations } from './declared.ts';
import type { ProjectionRow, ProjectionTx } from '../store/projections/projection-store.ts';

/** By the database's clock. Longer than any step takes; a process that was killed holds up the others for as long. */
const LEASE_MS = 15_000;

/** Who works on projections in this process. */
export interface Worker {
  readonly instance: string;
  /** No other process has this database: whoever else holds a lease is dead. */
  readonly isAlone: boolean;
  readonly nowMs: () => number;
  /** What its program can make. */
  readonly declared: Declarations;
}

/**
 * Takes a projection for this process, within the transaction that writes: its row stays locked until the commit. Who held
 * it before may not know yet that it does not any more: whoever writes looks first whether the row is still as it was when
 * the step began.
 * @throws DomainError `projection-busy` while another process works on it, `unknown-projection`
 */
export async function claim(tx: ProjectionTx, name: string, worker: Worker): Promise<ProjectionRow> {
  const locked = await tx.lockRow(name);
  if (locked === null) throw unknownProjection(name);
  const { nowMs, ...row } = locked;
  const isMine = row.holder === worker.instance;
  if (!isMine && !worker.isAlone && row.leaseUntilMs > nowMs) throw projectionBusy(name);
  const token = isMine ? row.token : row.token + 1;
  return { ...row, holder: worker.instance, token, leaseUntilMs: nowMs + LEASE_MS, updatedAtMs: nowMs };
}

/** Whoever comes next need not wait. */
export function released(row: ProjectionRow): ProjectionRow {
  return { ...row, leaseUntilMs: 0 };
}

export function unknownProjection(name: string): DomainError {
  return new DomainError('unknown-projection', `There is no projection "${name}"`, { projection: name });
}

function projectionBusy(name: string): DomainError {
  return new DomainError('projection-busy', `Another process works on "${name}"`, { projection: name });
}
