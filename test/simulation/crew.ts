import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type HistoryOptions, type Outcome, runHistory } from './history.ts';

type Work = readonly Pick<HistoryOptions, 'seed' | 'branches'>[];

/** Runs histories side by side; each of them is alone in its thread, so they stay what they are. */
export class Crew {
  readonly #workers: Worker[] = [];

  /** Calls back for every history that ended, in no order; ends early when that returns false. */
  async run(work: Work, jobs: number, ended: (outcome: Outcome) => boolean): Promise<void> {
    const shares = Array.from({ length: jobs }, (_, job) => work.filter((_one, at) => at % jobs === job));
    await Promise.all(shares.filter(({ length }) => length > 0).map((share) => this.#employ(share, ended)));
  }

  #employ(share: Work, ended: (outcome: Outcome) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: share });
      this.#workers.push(worker);
      worker.on('message', (outcome: Outcome) => {
        if (!ended(outcome)) for (const one of this.#workers) void one.terminate();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  }
}

if (!isMainThread && parentPort !== null) {
  for (const { seed, branches } of workerData as Work)
    parentPort.postMessage(await runHistory({ seed, branches }));
}
