import { DomainError } from '../../domain/errors.ts';
import type { Ports } from '../../domain/ports.ts';
import { SILENCE_MS } from './link-watch.ts';
import type { Scheduler } from './scheduler.ts';
import type { SyncStatus } from './sync.ts';

const DEADLINE_MS = 60_000;

interface Waiter {
  /** From when on it need not wait for a head that cannot be reached. */
  readonly patientUntilMs: number;
  readonly resolve: (status: SyncStatus) => void;
  readonly reject: (error: Error) => void;
}

/** Those who asked for a `sync now`, until both ways are drained or it turns out that they cannot be. */
export class SyncWaiters {
  readonly #ports: Ports;
  readonly #scheduler: Scheduler;
  readonly #status: () => SyncStatus;
  readonly #waiting = new Set<Waiter>();

  constructor(ports: Ports, scheduler: Scheduler, status: () => SyncStatus) {
    this.#ports = ports;
    this.#scheduler = scheduler;
    this.#status = status;
  }

  /** @throws DomainError `sync-incomplete` */
  wait(deadlineMs = DEADLINE_MS, patienceMs = SILENCE_MS): Promise<SyncStatus> {
    const patientUntilMs = this.#ports.elapsedMs() + patienceMs;
    return new Promise((resolve, reject) => {
      const cancel = this.#scheduler.after(deadlineMs, () => waiter.reject(incomplete(this.#status())));
      const end = () => {
        cancel();
        this.#waiting.delete(waiter);
      };
      const waiter: Waiter = {
        patientUntilMs,
        resolve: (done) => (end(), resolve(done)),
        reject: (error) => (end(), reject(error)),
      };
      this.#waiting.add(waiter);
    });
  }

  resolve(): void {
    const status = this.#status();
    for (const waiter of [...this.#waiting]) waiter.resolve(status);
  }

  reject(): void {
    for (const waiter of [...this.#waiting]) waiter.reject(incomplete(this.#status()));
  }

  /** Whose patience is over does not wait any longer for a head that does not answer. */
  rejectVain(): void {
    const nowMs = this.#ports.elapsedMs();
    const over = [...this.#waiting].filter(({ patientUntilMs }) => nowMs >= patientUntilMs);
    if (over.length === 0) return;
    const status = this.#status();
    if (status.problem === null && status.state !== 'offline') return;
    for (const waiter of over) waiter.reject(incomplete(status));
  }
}

/** @throws DomainError `sync-paused` */
export function assertNotPaused(sync: SyncStatus): void {
  if (sync.paused) throw new DomainError('sync-paused', 'Sync is paused; resume it first', { sync });
}

export function claimRefused(sync: SyncStatus): DomainError {
  const detail = sync.problem?.detail ?? 'The head refused the claim: this copy stays fenced';
  return new DomainError('claim-refused', detail, { sync });
}

function incomplete(status: SyncStatus): DomainError {
  const why = status.problem?.detail ?? `it is still ${status.state}`;
  return new DomainError('sync-incomplete', `The sync could not be completed: ${why}`, { sync: status });
}
