import { DomainError } from '../../domain/errors.ts';

/** An event has 2 MiB at most; what is longer than this is no sheet. */
const LONGEST_LINE = 8 * 1024 * 1024;
/** Lines that were looked at and are kept until so many have gathered. */
const KEPT = 10_000;

/** The lines of a text one by one, with their ends. Some may be given back, to be looked at once more. */
export class SheetLines {
  readonly #chunks: AsyncIterator<string>;
  #ends: RegExp | null = null;
  #lines: string[] = [];
  #next = 0;
  #rest = '';
  #number = 0;

  constructor(chunks: AsyncIterable<string>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Of the line that was taken last, from 1. */
  get number(): number {
    return this.#number;
  }

  /** null at the end. @throws DomainError `invalid-sheet` */
  async take(): Promise<string | null> {
    while (this.#next >= this.#lines.length) if (!(await this.#read())) return null;
    this.#number += 1;
    return this.#lines[this.#next++]!;
  }

  /** The last lines that were taken, since `forget` was called. */
  giveBack(count: number): void {
    this.#next -= count;
    this.#number -= count;
  }

  /** What was taken will not be given back. */
  forget(): void {
    if (this.#next < KEPT) return;
    this.#lines = this.#lines.slice(this.#next);
    this.#next = 0;
  }

  async #read(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    const text = done === true ? this.#rest : this.#rest + value;
    if (text === '') return done !== true;
    // As old Macs wrote them, where there are no others.
    this.#ends ??= text.includes('\n') || !text.includes('\r') ? /(?<=\n)/ : /(?<=\r)/;
    const lines = text.split(this.#ends);
    this.#rest = done === true ? '' : lines.pop()!;
    if (this.#rest.length > LONGEST_LINE) throw this.#tooLong(lines.length);
    for (const line of lines) this.#lines.push(line);
    return true;
  }

  #tooLong(ahead: number): DomainError {
    const line = this.#number + ahead + 1;
    return new DomainError('invalid-sheet', `Line ${line} has more than 8 MiB: is this a CSV file?`, {
      line,
    });
  }
}
