/** A step is to take about so long: shorter where others in this process wait for it. */
const STEP_MS = { inProcess: 30, atServer: 60 } as const;
/** Less would be no better for others: its reading is cut into slices, and each step costs a commit. */
const LEAST = { follow: 250, job: 1_000 } as const;
const MOST = { inProcess: 2_000, atServer: 4_000 } as const;
/** Whoever sold so shortly ago is likely to sell again. */
const BUSY_MS = 250;
/** The share of the time that following takes while there is something to sell. */
const BUSY_SHARE = 0.3;
const BUSY_JOB_SHARE = 0.6;
/** Within what a lease allows. */
const LONGEST_PAUSE_MS = 8_000;

function pauseAfter(workedMs: number, share: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.round(workedMs / share - workedMs));
}

/** How much is done in a step, and how long the pauses between steps are. */
export class Pace {
  readonly #stepMs: number;
  readonly #most: number;
  #follow = 500;
  #job = 1_000;
  #lastSaleMs = -Infinity;

  constructor(isInProcess: boolean) {
    this.#stepMs = isInProcess ? STEP_MS.inProcess : STEP_MS.atServer;
    this.#most = isInProcess ? MOST.inProcess : MOST.atServer;
  }

  get followLimit(): number {
    return this.#follow;
  }

  get jobLimit(): number {
    return this.#job;
  }

  sold(): void {
    this.#lastSaleMs = performance.now();
  }

  followed(tookMs: number): void {
    this.#follow = this.#fitted(this.#follow, tookMs, LEAST.follow);
  }

  worked(tookMs: number): void {
    this.#job = this.#fitted(this.#job, tookMs, LEAST.job);
  }

  /** After a step of following. */
  pauseMs(workedMs: number): number {
    return pauseAfter(workedMs, this.#isBusy ? BUSY_SHARE : 1);
  }

  /** After a step of a job, which may work for a share of the time: of less while there is something to sell. */
  jobPauseMs(workedMs: number, maxLoad: number): number {
    return pauseAfter(workedMs, this.#isBusy ? Math.min(maxLoad, BUSY_JOB_SHARE) : maxLoad);
  }

  get #isBusy(): boolean {
    return performance.now() - this.#lastSaleMs < BUSY_MS;
  }

  #fitted(limit: number, tookMs: number, least: number): number {
    if (tookMs > this.#stepMs * 2) return Math.max(least, Math.floor(limit / 2));
    return tookMs < this.#stepMs ? Math.min(this.#most, limit * 2) : limit;
  }
}
