import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '../../domain/errors.ts';
import type { Line } from './row-mapper.ts';
import { type SheetRecord, SheetRecords } from './sheet-records.ts';

export interface SheetOptions {
  readonly delimiter: string;
  /** As TextDecoder names it. */
  readonly encoding: string;
}

/** A line that is to be imported, or one that cannot be read. */
export type SheetLine = ReadLine | UnreadLine;

interface AnyLine {
  /** Where it begins in the file, from 1, the heading included. */
  readonly line: number;
  /** Where it ends: behind line breaks within its cells. Ids are made of it. */
  readonly lastLine: number;
  /** As it stands in the file. */
  readonly raw: string;
}

export interface ReadLine extends AnyLine {
  readonly cells: Line;
  readonly problem: null;
}

export interface UnreadLine extends AnyLine {
  readonly cells: null;
  /** Completes a sentence that begins with the line. */
  readonly problem: string;
}

export interface SheetReading {
  readonly columns: readonly string[];
  /** The heading as it stands in the file. */
  readonly heading: string;
  readonly lines: AsyncIterable<SheetLine>;
  /** Bytes read so far. */
  bytesRead(): number;
}

/**
 * Reads a sheet line by line; only what is being looked at is in memory.
 * @throws DomainError `invalid-sheet` for one without a usable heading, or in another encoding
 */
export async function readSheet(path: string, { delimiter, encoding }: SheetOptions): Promise<SheetReading> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const records = new SheetRecords(decoded(file, encoding), delimiter);
  try {
    const heading = await records.heading();
    const columns = checkedHeading(heading);
    return {
      columns,
      heading: heading!.raw,
      lines: linesOf(records, columns),
      bytesRead: () => file.bytesRead,
    };
  } catch (error) {
    file.destroy();
    throw error;
  }
}

async function* linesOf(records: SheetRecords, columns: readonly string[]): AsyncGenerator<SheetLine> {
  for await (const { line, lastLine, raw, cells, problem } of records.rest(columns.length)) {
    const place = { line, lastLine, raw };
    if (cells === null) yield { ...place, cells, problem: problem! };
    else yield { ...place, cells: namedCells(columns, cells), problem: null };
  }
}

function namedCells(columns: readonly string[], cells: readonly string[]): Line {
  return Object.fromEntries(columns.map((column, index) => [column, cells[index]!]));
}

function checkedHeading(heading: SheetRecord | null): readonly string[] {
  if (heading === null)
    throw new DomainError('invalid-sheet', 'The file is empty: it has not even a heading', {});
  const { cells: names, problem } = heading;
  if (names === null) throw new DomainError('invalid-sheet', `The heading ${problem}`, {});
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new DomainError('invalid-sheet', `The heading names "${twice}" twice`, { actual: names });
}

export function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== '';
  } catch {
    return false;
  }
}

/** A sheet in another encoding must not come in as question marks. */
async function* decoded(file: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const text = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      const message = `The file is not ${encoding}; name its encoding with --encoding`;
      throw new DomainError('invalid-sheet', message, {});
    }
  };
  for await (const chunk of file) yield text(chunk);
  yield text();
}

/** SHA-256 of a file, hexadecimal. */
export async function digestOfFile(path: string): Promise<string> {
  const sum = createHash('sha256');
  await pipeline(createReadStream(path), sum);
  return sum.digest('hex');
}
