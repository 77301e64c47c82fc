/**
 * One statement of a transaction at a time, those of a `Promise.all` too, and none after one that failed: a deadlock has
 * ended the transaction at the server, and what came after it would be carried out by itself, and stay.
 */
export class InOrder {
  #last: Promise<unknown> = Promise.resolve();
  #failure: Error | null = null;

  async run<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(() => {
      if (this.#failure !== null) throw this.#failure;
      return ask();
    });
    this.#last = answer.catch((error: unknown) => {
      this.#failure ??= error as Error;
    });
    return answer;
  }

  /** Nothing is asked from now on, what waits for its turn included. */
  end(): void {
    this.#failure ??= new Error('The transaction is over');
  }
}
