import { type CsvError, parse } from 'csv-parse/sync';
import { SheetLines } from './sheet-lines.ts';

/** One record of a sheet: usually a line, or several where a cell in quotes holds line breaks. */
export interface SheetRecord {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  /** Where it ends. */
  readonly lastLine: number;
  /** As it stands in the file, with its line end. */
  readonly raw: string;
  /** null: it cannot be read, and `problem` says why. */
  readonly cells: readonly string[] | null;
  readonly problem: string | null;
}

/** A cell of more lines is taken for a quote that somebody forgot. */
const LONGEST_RECORD_LINES = 10_000;
const BATCH_RECORDS = 500;
const LINE_END = /\r?\n$|\r$/;
const OPEN_QUOTE = 'opens a quote that is never closed';

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: OPEN_QUOTE,
  CSV_INVALID_CLOSING_QUOTE: 'has text behind a closing quote; a quote within quotes is written twice',
  INVALID_OPENING_QUOTE:
    'has a quote in the middle of a cell; such a cell is written in quotes, and the quote twice',
};

interface Text {
  readonly line: number;
  readonly lastLine: number;
  readonly raw: string;
}

/**
 * Cuts a sheet into records, and never lets a stray quote swallow the lines behind it: a record of several lines that
 * does not come out with `columns` cells is one bad line, and what follows it is looked at anew. (csv-parse alone
 * cannot: after such a quote it reads on to the next one, however far that is.)
 */
export class SheetRecords {
  readonly #lines: SheetLines;
  readonly #delimiter: string;

  constructor(chunks: AsyncIterable<string>, delimiter: string) {
    this.#lines = new SheetLines(chunks);
    this.#delimiter = delimiter;
  }

  /** The first line that is not empty; null where there is none. */
  async heading(): Promise<SheetRecord | null> {
    const text = await this.#next(null);
    return text === null ? null : this.#parseOne(text);
  }

  async *rest(columns: number): AsyncGenerator<SheetRecord> {
    for (;;) {
      const batch: Text[] = [];
      for (
        let text: Text | null;
        batch.length < BATCH_RECORDS && (text = await this.#next(columns)) !== null;
      )
        batch.push(text);
      if (batch.length === 0) return;
      for (const record of this.#parseAll(batch)) yield checked(record, columns);
    }
  }

  async #next(columns: number | null): Promise<Text | null> {
    this.#lines.forget();
    for (;;) {
      const raw = await this.#lines.take();
      if (raw === null) return null;
      if (raw.replace(LINE_END, '') === '') continue;
      const line = this.#lines.number;
      return isBalanced(raw)
        ? { line, lastLine: line, raw }
        : this.#several({ line, lastLine: line, raw }, columns);
    }
  }

  /** Up to the line that closes the quote, if the whole is a record then; otherwise the first line alone. */
  async #several(first: Text, columns: number | null): Promise<Text> {
    const lines = [first.raw];
    while (lines.length < LONGEST_RECORD_LINES) {
      const line = await this.#lines.take();
      if (line === null) break;
      lines.push(line);
      if (isBalanced(line)) continue;
      const whole = { line: first.line, lastLine: this.#lines.number, raw: lines.join('') };
      const { cells } = this.#parseOne(whole);
      if (cells !== null && (columns === null || cells.length === columns)) return whole;
      break;
    }
    this.#lines.giveBack(lines.length - 1);
    return first;
  }

  /** Many at once, which is faster, as long as none of them is bad. */
  #parseAll(texts: readonly Text[]): SheetRecord[] {
    const whole = texts.map(({ raw }) => raw.replace(LINE_END, '')).join('\n');
    try {
      const all = this.#parse(whole);
      if (all.length === texts.length)
        return texts.map((text, index) => ({ ...text, cells: all[index]!, problem: null }));
    } catch {
      // Which one it is comes out below.
    }
    return texts.map((text) => this.#parseOne(text));
  }

  #parseOne(text: Text): SheetRecord {
    try {
      const [cells] = this.#parse(text.raw.replace(LINE_END, ''));
      return { ...text, cells: cells ?? [], problem: null };
    } catch (error) {
      const { code, message } = error as CsvError;
      return { ...text, cells: null, problem: REASONS[code] ?? message };
    }
  }

  #parse(text: string): string[][] {
    return parse(text, {
      delimiter: this.#delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      bom: true,
    }) as string[][];
  }
}

function checked(record: SheetRecord, columns: number): SheetRecord {
  if (record.cells === null || record.cells.length === columns) return record;
  const problem = `has ${record.cells.length} cells where the heading has ${columns}`;
  return { ...record, cells: null, problem };
}

/** Whether every quote that is opened here is closed here. */
function isBalanced(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes % 2 === 0;
}
