import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { format, parse } from 'node:path';
import { say } from './output.ts';
import { assertWritable, unwritable } from './writable-file.ts';

/**
 * Takes the bad lines of a sheet, with its heading, to be mended and imported by themselves. The file is made with
 * the first of them, and never in the place of another one, in which somebody may be mending.
 */
export class RejectsFile {
  readonly #sheet: string;
  readonly #chosen: string | null;
  #path: string | null = null;
  #file: number | null = null;
  #number = 1;
  #isGivenUp = false;

  /** @throws DomainError `unwritable-file` for a `chosen` one that exists, or whose folder cannot be written to */
  constructor(sheet: string, chosen: string | undefined) {
    this.#sheet = sheet;
    this.#chosen = chosen ?? null;
    if (chosen !== undefined) assertFree(chosen);
  }

  /** Where they are; null while there are none. */
  get path(): string | null {
    return this.#path;
  }

  add(raw: string, heading: string): void {
    if (this.#isGivenUp) return;
    try {
      this.#file ??= this.#open(heading);
      writeSync(this.#file, ended(raw));
    } catch (error) {
      this.#giveUp(error as Error);
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    if (this.#path !== null && this.#number > 1) this.#path = this.#onlyOnce(this.#path);
  }

  #open(heading: string): number {
    this.#path = this.#chosen ?? this.#freePath();
    const file = openSync(this.#path, 'wx', statSync(this.#sheet).mode & 0o666); // its lines are as private
    writeSync(file, ended(heading));
    return file;
  }

  #freePath(): string {
    while (existsSync(besides(this.#sheet, this.#number))) this.#number += 1;
    return besides(this.#sheet, this.#number);
  }

  /** A sheet that is imported every night has the same bad lines every night. */
  #onlyOnce(path: string): string {
    const last = besides(this.#sheet, this.#number - 1);
    if (!haveSameBytes(path, last)) return path;
    rmSync(path);
    return last;
  }

  /** Where nobody asked for it, the import goes on without. */
  #giveUp({ message }: Error): void {
    if (this.#chosen !== null) throw unwritable(this.#chosen, message);
    this.#isGivenUp = true;
    say(
      `branchline: the bad lines cannot be kept in ${this.#path}; name another file with --rejects: ${message}`,
    );
    if (this.#file === null) this.#path = null;
  }
}

/** sheet.rejects.csv, sheet.rejects-2.csv, ... */
function besides(sheet: string, number: number): string {
  const { dir, name, ext } = parse(sheet);
  const suffix = number === 1 ? '' : `-${number}`;
  return format({ dir, name: `${name}.rejects${suffix}`, ext: ext === '' ? '.csv' : ext });
}

/** No: also when one of them cannot be read, being no file, or somebody else's. */
function haveSameBytes(one: string, other: string): boolean {
  try {
    return readFileSync(one).equals(readFileSync(other));
  } catch {
    return false;
  }
}

function ended(line: string): string {
  return /[\r\n]$/.test(line) ? line : `${line}\n`;
}

function assertFree(path: string): void {
  if (existsSync(path)) throw unwritable(path, 'it exists already, and may hold what is still to be mended');
  assertWritable(path);
}
