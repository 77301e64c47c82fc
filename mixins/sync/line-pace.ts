import type { Ports } from '../../domain/ports.ts';
import type { Batch } from '../../domain/sync/messages.ts';
import { FULL_PACE, type Pace, paceAfterConfirm, paceAfterFailure } from '../../domain/sync/pace.ts';
import { passed } from '../moments.ts';

/** How much the line takes at once, by how long the batches on it took. */
export class LinePace {
  readonly #ports: Ports;
  #pace: Pace = FULL_PACE;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  get batchBytes(): number {
    return this.#pace.batchBytes;
  }

  measure({ events }: Batch, sent: Promise<void>): void {
    const bytes = events.reduce((sum, event) => sum + event.length, 0);
    const sentAtMs = this.#ports.elapsedMs();
    passed('batch-published');
    sent.then(
      () => {
        const confirmedAtMs = this.#ports.elapsedMs();
        this.#pace = paceAfterConfirm(this.#pace, { bytes, sentAtMs, confirmedAtMs });
        passed('batch-confirmed');
      },
      () => {
        const failedAtMs = this.#ports.elapsedMs();
        this.#pace = paceAfterFailure(this.#pace, { sentAtMs, failedAtMs });
      },
    );
  }
}
