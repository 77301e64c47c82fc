import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { DomainError } from '../../domain/errors.ts';
import type { Line } from './row-mapper.ts';

export interface SheetOptions {
  readonly delimiter: string;
  /** As TextDecoder names it. */
  readonly encoding: string;
}

export interface SheetLine {
  /** In the file, from 1, the heading included. */
  readonly number: number;
  readonly cells: Line;
}

export interface SheetReading {
  readonly lines: AsyncIterable<SheetLine>;
  /** Bytes read so far. */
  bytesRead(): number;
}

export interface SheetEvents {
  /** The names of the columns, before the first line. */
  onHeading(columns: readonly string[]): void;
  /** Where the parser gives up on a line; reading goes on with the next one. */
  onBadLine(number: number, reason: string): void;
}

const REASONS: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_COLUMNS: 'has another number of cells than the heading',
  CSV_QUOTE_NOT_CLOSED: 'opens a quote that is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'has text behind a closing quote',
  INVALID_OPENING_QUOTE: 'has a quote in the middle of a cell',
};

/** Reads a sheet line by line; only what is being looked at is in memory. */
export function readSheet(
  path: string,
  { delimiter, encoding }: SheetOptions,
  events: SheetEvents,
): SheetReading {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const parser = parse({
    columns: (names: string[]) => checkedHeading(names, events),
    info: true,
    bom: true,
    delimiter,
    skip_empty_lines: true,
    skip_records_with_error: true,
  });
  parser.on('skip', (error: CsvError & { lines?: number }) => {
    const number = error.lines ?? 0;
    refuse(() => events.onBadLine(number, REASONS[error.code] ?? error.message), parser);
  });
  const ended = pipeline(file, decoder(encoding), parser);
  ended.catch(() => {}); // the reader of the lines hears of it
  return { lines: linesOf(parser, ended), bytesRead: () => file.bytesRead };
}

async function* linesOf(parser: AsyncIterable<unknown>, ended: Promise<void>): AsyncGenerator<SheetLine> {
  for await (const item of parser) {
    const { info, record } = item as { info: { lines: number }; record: Line };
    yield { number: info.lines, cells: record };
  }
  await ended;
}

/** What is thrown at an event would not reach the reader of the lines. */
function refuse(tell: () => void, parser: Transform): void {
  try {
    tell();
  } catch (error) {
    parser.destroy(error as Error);
  }
}

function checkedHeading(names: string[], events: SheetEvents): string[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new DomainError('invalid-sheet', `The heading names "${twice}" twice`, { actual: names });
  events.onHeading(names);
  return names;
}

export function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== '';
  } catch {
    return false;
  }
}

/** A sheet in another encoding must not come in as question marks. */
function decoder(encoding: string): Transform {
  const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const decoded = (chunk?: Buffer): string => {
    try {
      return chunk === undefined ? text.decode() : text.decode(chunk, { stream: true });
    } catch {
      throw new DomainError(
        'invalid-sheet',
        `The file is not ${encoding}; name its encoding with --encoding`,
        {},
      );
    }
  };
  return new Transform({
    readableObjectMode: false,
    decodeStrings: false,
    transform(chunk: Buffer, _, done) {
      settle(() => decoded(chunk), done);
    },
    flush(done) {
      settle(() => decoded(), done);
    },
  });
}

function settle(work: () => string, done: (error: Error | null, text?: string) => void): void {
  try {
    done(null, work());
  } catch (error) {
    done(error as Error);
  }
}

/** SHA-256 of a file, hexadecimal. */
export async function digestOfFile(path: string): Promise<string> {
  const sum = createHash('sha256');
  await pipeline(createReadStream(path), sum);
  return sum.digest('hex');
}
