import { createHash, type Hash } from 'node:crypto';

/** In UTF-16 units. */
const HASHED_AT_ONCE = 16_384;

/** The history of a world: always hashed, so that two runs of a seed can be compared; kept when it is to be read. */
export class Trace {
  readonly #hash: Hash = createHash('sha256');
  readonly #print: ((line: string) => void) | null;
  readonly #isKept: boolean;
  /** Not hashed yet: one long text is hashed much faster than many short ones. */
  #unhashed = '';
  readonly lines: string[] = [];

  constructor(isKept: boolean, print: ((line: string) => void) | null = null) {
    this.#isKept = isKept;
    this.#print = print;
  }

  say(sinceBeginningMs: number, who: string, what: string): void {
    const line = `${(sinceBeginningMs / 1000).toFixed(3).padStart(10)} ${who.padEnd(12)} ${what}`;
    this.#unhashed += line;
    if (this.#unhashed.length > HASHED_AT_ONCE) this.#hashAll();
    if (this.#isKept) this.lines.push(line);
    this.#print?.(line);
  }

  digest(): string {
    this.#hashAll();
    return this.#hash.copy().digest('hex').slice(0, 16);
  }

  #hashAll(): void {
    this.#hash.update(this.#unhashed);
    this.#unhashed = '';
  }
}
