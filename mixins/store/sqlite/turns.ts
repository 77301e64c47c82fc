import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Turns at writing one file, in order of asking. SQLite has one writer; a second connection of this process that
 * waited for the first inside SQLite would stop the event loop, and with it the first one: it would hang.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Waits for the turn; the caller ends it by calling what it was given. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let end!: () => void;
    this.#last = new Promise((done) => {
      end = done;
    });
    await before;
    return end;
  }
}

const turnsByFile = new Map<string, Turns>();

/** All that write the same file in this process share their turns. */
export function turnsOf(path: string): Turns {
  const file = existsSync(path) ? realpathSync(path) : resolve(path);
  const turns = turnsByFile.get(file) ?? new Turns();
  turnsByFile.set(file, turns);
  return turns;
}
