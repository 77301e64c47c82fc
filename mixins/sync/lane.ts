/** Runs tasks one after another, in the order given. A task settles its own failures. */
export class Lane {
  #last: Promise<void> = Promise.resolve();

  run(task: () => Promise<void>): void {
    this.#last = this.#last.then(task);
  }

  /** Resolves when everything given so far, and what that gave in turn, is done. */
  async idle(): Promise<void> {
    for (let seen: Promise<void> | null = null; seen !== this.#last;) {
      seen = this.#last;
      await seen;
    }
  }
}
