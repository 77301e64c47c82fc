const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;

interface Pause {
  readonly ms: number;
  readonly endMs: number;
}

/**
 * When an exchange of tables that gave way to readers is tried again. Whoever sells or reads waits behind each attempt, and
 * a report may take an hour: attempts become rarer.
 */
export class Courtesy {
  readonly #pauses = new Map<string, Pause>();

  isDue(table: string): boolean {
    return performance.now() >= (this.#pauses.get(table)?.endMs ?? 0);
  }

  gaveWay(table: string): void {
    const before = this.#pauses.get(table);
    const ms = before === undefined ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, before.ms * 2);
    this.#pauses.set(table, { ms, endMs: performance.now() + ms });
  }

  /** It was exchanged, or is given up. */
  forget(table: string): void {
    this.#pauses.delete(table);
  }
}
