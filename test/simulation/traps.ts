/** Something that waits for its moment at some office. */
export interface Trap<Site> {
  /** Whether this is the moment: a process does something outside itself (`where`), or has just ended (`down`). */
  isNow(site: Site, where: string): boolean;
  /** Gives false when it is to wait for another moment. */
  spring(site: Site, where: string): boolean;
}

/** What is to happen in the middle of things: at the n-th effect of a process, or in a state that is soon over. */
export class Traps<Site> {
  #traps: Trap<Site>[] = [];
  #isOff = false;

  set(trap: Trap<Site>): void {
    if (!this.#isOff) this.#traps.push(trap);
  }

  clear(): void {
    this.#isOff = true;
    this.#traps = [];
  }

  /** A process comes to a place between two effects: it may not come further. */
  pass(site: Site, where: string): void {
    for (const trap of this.#traps) {
      if (!trap.isNow(site, where)) continue;
      this.#traps = this.#traps.filter((other) => other !== trap);
      if (!trap.spring(site, where)) this.set(trap);
      return;
    }
  }
}
