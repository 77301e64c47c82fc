/** Timers as a value, so that the simulator can run the same code in virtual time. */
export interface Scheduler {
  /** Calls `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /** Resolves when all input that is at hand has been read: later than any microtask. */
  nextTurn(): Promise<void>;
}

export const realTime: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
};
