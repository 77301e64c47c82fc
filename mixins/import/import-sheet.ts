import { stat } from 'node:fs/promises';
import { derivedId } from '../../domain/conflict/derived-id.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { type Problem, validateFields } from '../../domain/datasets/validate.ts';
import { DomainError, errorType } from '../../domain/errors.ts';
import type { Hasher } from '../../domain/ports.ts';
import { digestOfFile, readSheet, type SheetLine, type SheetOptions } from './read-sheet.ts';
import { type Mapping, RowMapper } from './row-mapper.ts';

/** One line on its way into the log. Both ids follow from office, file and line, so that it can be sent again. */
export interface SheetRow {
  readonly id: string;
  readonly eventId: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SinkResult {
  readonly added: number;
  readonly known: number;
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
}

/** Takes up to `CHUNK_ROWS` rows; throws when none of them can be taken now. */
export type Sink = (rows: readonly SheetRow[]) => Promise<SinkResult>;

export interface ImportJob {
  readonly path: string;
  readonly office: string;
  readonly dataset: Dataset;
  readonly mapping: Mapping;
  readonly sheet: SheetOptions;
  /** Whether the first bad line ends the import. */
  readonly strict: boolean;
  readonly hasher: Hasher;
  readonly onProgress?: (bytesRead: number, bytesTotal: number) => void;
}

export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface ImportReport {
  readonly file: string;
  /** SHA-256 of the file. */
  readonly digest: string;
  /** Lines read, the heading not counted. */
  readonly lines: number;
  /** Passed over by `where`. */
  readonly skipped: number;
  readonly added: number;
  /** Imported before. */
  readonly known: number;
  readonly bad: number;
  /** The first of the bad lines, with what is wrong. */
  readonly badLines: readonly BadLine[];
}

export const CHUNK_ROWS = 1_000;
const MAX_BAD_LINES_KEPT = 10_000;

/**
 * Imports a sheet. Again and again the same, it adds nothing the second time.
 * @throws DomainError `unreadable-file`, `invalid-mapping`, `invalid-expression`, `invalid-sheet`, `bad-line` (strict)
 */
export async function importSheet(job: ImportJob, sink: Sink): Promise<ImportReport> {
  const bytes = await sizeOf(job.path);
  const run = new ImportRun(job, sink, await digestOfFile(job.path));
  await run.go(bytes);
  return run.report();
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new DomainError(
      'unreadable-file',
      `The file "${path}" cannot be read: ${(error as Error).message}`,
      { path },
    );
  }
}

class ImportRun {
  readonly #job: ImportJob;
  readonly #sink: Sink;
  readonly #digest: string;
  readonly #count = { lines: 0, skipped: 0, added: 0, known: 0, bad: 0 };
  readonly #badLines: BadLine[] = [];
  readonly #unread: BadLine[] = [];
  #rows: SheetRow[] = [];
  #numbers: number[] = [];
  #mapper: RowMapper | null = null;

  constructor(job: ImportJob, sink: Sink, digest: string) {
    this.#job = job;
    this.#sink = sink;
    this.#digest = digest;
  }

  async go(bytes: number): Promise<void> {
    const { path, sheet, onProgress } = this.#job;
    const reading = readSheet(path, sheet, {
      onHeading: (columns) => (this.#mapper = new RowMapper(this.#job.dataset, this.#job.mapping, columns)),
      onBadLine: (line, reason) => this.#unread.push({ line, reason }),
    });
    for await (const line of reading.lines) {
      this.#refuseUnread(line.number);
      this.#take(line);
      if (this.#rows.length < CHUNK_ROWS) continue;
      await this.#flush();
      onProgress?.(reading.bytesRead(), bytes);
    }
    this.#refuseUnread(Infinity);
    await this.#flush();
    onProgress?.(bytes, bytes);
  }

  report(): ImportReport {
    const badLines = this.#badLines.toSorted((a, b) => a.line - b.line);
    return { file: this.#job.path, digest: this.#digest, ...this.#count, badLines };
  }

  /** The parser is ahead of us: what it could not read has its turn when the lines before have had theirs. */
  #refuseUnread(before: number): void {
    while (this.#unread.length > 0 && this.#unread[0]!.line < before) {
      const { line, reason } = this.#unread.shift()!;
      this.#count.lines += 1;
      this.#refuse(line, reason);
    }
  }

  #take({ number, cells }: SheetLine): void {
    this.#count.lines += 1;
    if (!this.#mapper!.isWanted(cells)) {
      this.#count.skipped += 1;
      return;
    }
    try {
      const fields = this.#mapper!.map(cells);
      validateFields(this.#job.dataset, fields, 'record');
      this.#rows.push(this.#rowOf(number, fields));
      this.#numbers.push(number);
    } catch (error) {
      this.#refuse(number, reasonOf(error));
    }
  }

  #rowOf(number: number, fields: SheetRow['fields']): SheetRow {
    const { office, hasher } = this.#job;
    const of = [office, this.#digest, String(number)];
    return {
      id: derivedId(hasher, ['import', ...of]),
      eventId: derivedId(hasher, ['import-event', ...of]),
      fields,
    };
  }

  async #flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const { added, known, refused } = await this.#sink(this.#rows);
    this.#count.added += added;
    this.#count.known += known;
    for (const { index, reason } of refused) this.#refuse(this.#numbers[index]!, reason);
    this.#rows = [];
    this.#numbers = [];
  }

  #refuse(line: number, reason: string): void {
    this.#count.bad += 1;
    if (this.#badLines.length < MAX_BAD_LINES_KEPT) this.#badLines.push({ line, reason });
    if (!this.#job.strict) return;
    throw new DomainError('bad-line', `Line ${line}: ${reason}. The lines before may have been imported.`, {
      ...this.report(),
    });
  }
}

/** @throws what is no fault of the line */
function reasonOf(error: unknown): string {
  const type = errorType(error);
  if (type === 'bad-cell' || type === 'invalid-value') return (error as Error).message;
  if (type !== 'invalid-input') throw error;
  const { problems } = (error as DomainError).data as { problems: readonly Problem[] };
  return problems.map(({ field, reason }) => `${field} ${reason}`).join('; ');
}
