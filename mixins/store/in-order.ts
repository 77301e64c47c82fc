/** One connection takes one statement at a time: those of a `Promise.all` wait for each other. */
export class InOrder {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  run<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.#waiting === 0 ? ask() : this.#last.then(ask);
    this.#waiting++;
    this.#last = answer.then(this.#done, this.#done);
    return answer;
  }

  readonly #done = (): void => {
    this.#waiting--;
  };
}
