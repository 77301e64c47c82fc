import { createHash, type Hash } from 'node:crypto';

/** The history of a world: always hashed, so that two runs of a seed can be compared; kept when it is to be read. */
export class Trace {
  readonly #hash: Hash = createHash('sha256');
  readonly #print: ((line: string) => void) | null;
  readonly #isKept: boolean;
  readonly lines: string[] = [];

  constructor(isKept: boolean, print: ((line: string) => void) | null = null) {
    this.#isKept = isKept;
    this.#print = print;
  }

  say(sinceBeginningMs: number, who: string, what: string): void {
    const line = `${(sinceBeginningMs / 1000).toFixed(3).padStart(10)} ${who.padEnd(12)} ${what}`;
    this.#hash.update(line);
    if (this.#isKept) this.lines.push(line);
    this.#print?.(line);
  }

  digest(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}
