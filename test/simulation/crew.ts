import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { type HistoryOptions, type Outcome, runHistory, runTwice } from './history.ts';

export interface Work extends Omit<HistoryOptions, 'print'> {
  /** Whether it is run once more, to see that it comes out the same. */
  readonly twice: boolean;
}

/** Of one thread. A history of some office-years takes a third of it; without a bound, garbage would lie about for long. */
const MEMORY_MB = 1_536;
/** Most of what a step makes is garbage after it. */
const YOUNG_MB = 96;

/** Runs histories side by side; each of them is alone in its thread, so they stay what they are. */
export class Crew {
  readonly #workers: Worker[] = [];
  #waiting: Work[] = [];

  /** Calls back for every history that ended, in no order; ends early when that returns false. */
  async run(work: readonly Work[], jobs: number, ended: (outcome: Outcome) => boolean): Promise<void> {
    this.#waiting = [...work].reverse();
    await Promise.all(Array.from({ length: Math.min(jobs, work.length) }, () => this.#employ(ended)));
  }

  #employ(ended: (outcome: Outcome) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const resourceLimits = { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: YOUNG_MB };
      const worker = new Worker(new URL(import.meta.url), { resourceLimits });
      this.#workers.push(worker);
      const goOn = (): void => {
        const next = this.#waiting.pop();
        if (next === undefined) void worker.terminate();
        else worker.postMessage(next);
      };
      worker.on('message', (outcome: Outcome) => {
        if (ended(outcome)) return goOn();
        for (const one of this.#workers) void one.terminate();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      goOn();
    });
  }
}

async function doWork(work: Work): Promise<Outcome> {
  return work.twice ? runTwice(work) : runHistory(work);
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  port.on('message', (work: Work) => void doWork(work).then((outcome) => port.postMessage(outcome)));
}
