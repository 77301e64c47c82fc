import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { derivedId } from '../../domain/conflict/derived-id.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { type Problem, validateFields } from '../../domain/datasets/validate.ts';
import { DomainError, errorType } from '../../domain/errors.ts';
import type { Hasher } from '../../domain/ports.ts';
import { columnsIn } from './expression.ts';
import { KeptIds } from './kept-ids.ts';
import { lineIds } from './line-id.ts';
import {
  digestOfFile,
  type ReadLine,
  readSheet,
  type SheetOptions,
  type SheetReading,
} from './read-sheet.ts';
import { invalidMapping, type Mapping, RowMapper } from './row-mapper.ts';

/** One line on its way into the log. Its ids follow from office, file and line, so that it can be sent again. */
export interface SheetRow {
  /** That of the sheet, where it has one. */
  readonly id: string;
  readonly eventId: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SinkResult {
  readonly added: number;
  /** Imported before, out of the same line of the same file. */
  readonly known: number;
  /** There already under their ids; not changed. */
  readonly existing: number;
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
}

/** Takes up to `CHUNK_ROWS` rows; throws when none of them can be taken now. */
export type Sink = (rows: readonly SheetRow[]) => Promise<SinkResult>;

export interface ImportJob {
  readonly path: string;
  readonly office: string;
  readonly dataset: Dataset;
  readonly mapping: Mapping;
  /** Former name of a field -> the one that it has now. A sheet that was exported under it must not lose the field in silence. */
  readonly formerNames?: Readonly<Record<string, string>>;
  readonly sheet: SheetOptions;
  /** Whether nothing is imported unless all lines can be. */
  readonly strict: boolean;
  /** Whether lines are something new although the sheet has ids. */
  readonly newIds?: boolean;
  readonly hasher: Hasher;
  /** Called with every bad line as it stands in the file, and with the heading. */
  readonly onBadLine?: (raw: string, heading: string) => void;
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
  /** Imported before, out of this file. */
  readonly known: number;
  /** There already under the ids of the sheet; not changed. */
  readonly existing: number;
  /** Voided where the sheet was exported; not brought back to life. */
  readonly voided: number;
  /** Of other offices than the one that imports, in an export. */
  readonly ofOthers: number;
  readonly bad: number;
  /** The first of the bad lines, with what is wrong. */
  readonly badLines: readonly BadLine[];
}

export const CHUNK_ROWS = 1_000;
const MAX_BAD_LINES_KEPT = 10_000;
/** What was imported before there were others is known by ids that do not name it. */
const FIRST_DATASET = 'sales';

/**
 * Imports a sheet. Again and again the same, it adds nothing the second time.
 * @throws DomainError `unreadable-file`, `invalid-mapping`, `invalid-expression`, `invalid-sheet`, `bad-line` (strict)
 */
export async function importSheet(job: ImportJob, sink: Sink): Promise<ImportReport> {
  const bytes = await readableSize(job.path);
  const digest = await digestOfFile(job.path);
  if (job.strict) await new ImportRun(job, onlyLook, digest, 'Nothing was imported').go();
  const run = new ImportRun(job, sink, digest, 'The lines before were imported');
  await run.go((done) => job.onProgress?.(Math.min(done, bytes), bytes));
  return run.report();
}

const onlyLook: Sink = async () => ({ added: 0, known: 0, existing: 0, refused: [] });

/** In bytes. @throws DomainError `unreadable-file` */
export async function readableSize(path: string): Promise<number> {
  try {
    await access(path, constants.R_OK);
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
  throw unreadable(path, { code: 'EISDIR' });
}

const WHY_UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  EACCES: 'it may not be read',
  EISDIR: 'it is no file',
};

function unreadable(path: string, { code = '', message }: Partial<NodeJS.ErrnoException>): DomainError {
  const why = WHY_UNREADABLE[code] ?? message;
  return new DomainError('unreadable-file', `The file "${path}" cannot be read: ${why}`, { path });
}

/** A line that waits to be sent. */
interface Waiting {
  readonly line: number;
  readonly raw: string;
  readonly row: SheetRow;
}

class ImportRun {
  readonly #job: ImportJob;
  readonly #sink: Sink;
  readonly #digest: string;
  /** For people who wanted all lines or none. */
  readonly #whatWasDone: string;
  readonly #newId: (line: number) => string;
  readonly #count = {
    ...{ lines: 0, skipped: 0, voided: 0, ofOthers: 0 },
    ...{ added: 0, known: 0, existing: 0, bad: 0 },
  };
  readonly #badLines: BadLine[] = [];
  #waiting: Waiting[] = [];
  /** While these rows are on their way, the next ones are read. */
  #sending: Promise<void> = Promise.resolve();
  #heading = '';
  #mapper: RowMapper | null = null;
  #ids: KeptIds | null = null;

  constructor(job: ImportJob, sink: Sink, digest: string, whatWasDone: string) {
    this.#job = job;
    this.#sink = sink;
    this.#digest = digest;
    this.#whatWasDone = whatWasDone;
    this.#newId = lineIds(job.hasher, [job.office, digest]);
  }

  async go(onProgress?: (bytes: number) => void): Promise<void> {
    const reading = await readSheet(this.#job.path, this.#job.sheet);
    this.#prepare(reading);
    try {
      for await (const line of reading.lines) {
        this.#count.lines += 1;
        if (line.cells === null) this.#refuse(line, line.problem);
        else this.#take(line);
        if (this.#waiting.length < CHUNK_ROWS) continue;
        await this.#flush();
        onProgress?.(reading.bytesRead());
      }
      await this.#flush();
    } finally {
      await this.#sending; // counted in any case
    }
    onProgress?.(Infinity);
  }

  report(): ImportReport {
    const badLines = this.#badLines.toSorted((a, b) => a.line - b.line);
    return { file: this.#job.path, digest: this.#digest, ...this.#count, badLines };
  }

  #prepare({ columns, heading }: SheetReading): void {
    const { dataset, mapping, newIds } = this.#job;
    const { id, ...fields } = mapping.fields;
    assertNamedAsNow(this.#job, columns);
    this.#heading = heading;
    this.#mapper = new RowMapper(dataset, { ...mapping, fields }, columns);
    this.#ids = newIds === true ? null : new KeptIds(id, columns);
  }

  #take(line: ReadLine): void {
    const passedOver = this.#whyPassedOver(line);
    if (passedOver !== null) {
      this.#count[passedOver] += 1;
      return;
    }
    try {
      const fields = this.#mapper!.map(line.cells);
      validateFields(this.#job.dataset, fields, 'record');
      this.#waiting.push({ line: line.line, raw: line.raw, row: this.#rowOf(line, fields) });
    } catch (error) {
      this.#refuse(line, reasonOf(error));
    }
  }

  #whyPassedOver({ cells }: ReadLine): 'skipped' | 'voided' | 'ofOthers' | null {
    if (!this.#mapper!.isWanted(cells)) return 'skipped';
    if (this.#ids === null) return null;
    if (this.#ids.isOfAnother(this.#job.office, cells)) return 'ofOthers';
    return this.#ids.isVoided(cells) ? 'voided' : null;
  }

  #rowOf({ lastLine, cells }: ReadLine, fields: SheetRow['fields']): SheetRow {
    const { office, dataset, hasher } = this.#job;
    const of = dataset.name === FIRST_DATASET ? [] : [dataset.name];
    return {
      id: this.#ids?.idOf(cells) ?? this.#newId(lastLine),
      eventId: derivedId(hasher, ['import-event', office, ...of, this.#digest, String(lastLine)]),
      fields,
    };
  }

  async #flush(): Promise<void> {
    await this.#sending;
    if (this.#waiting.length === 0) return;
    this.#sending = this.#send(this.#waiting);
    this.#sending.catch(() => {}); // thrown where it is waited for
    this.#waiting = [];
  }

  async #send(sent: readonly Waiting[]): Promise<void> {
    const { added, known, existing, refused } = await this.#sink(sent.map(({ row }) => row));
    this.#count.added += added;
    this.#count.known += known;
    this.#count.existing += existing;
    for (const { index, reason } of refused) this.#refuse(sent[index]!, reason);
  }

  #refuse({ line, raw }: { line: number; raw: string }, reason: string): void {
    this.#count.bad += 1;
    if (this.#badLines.length < MAX_BAD_LINES_KEPT) this.#badLines.push({ line, reason });
    this.#job.onBadLine?.(raw, this.#heading);
    if (!this.#job.strict) return;
    const message = `Line ${line}: ${reason}. ${this.#whatWasDone}.`;
    throw new DomainError('bad-line', message, { ...this.report() });
  }
}

/** What `--map` takes from a column is meant so, whatever the column is called. */
function assertNamedAsNow({ mapping, formerNames = {} }: ImportJob, columns: readonly string[]): void {
  const mapped = new Set(Object.values(mapping.fields).flatMap((source) => columnsIn(source, columns)));
  for (const column of columns) {
    const name = Object.hasOwn(formerNames, column) ? formerNames[column]! : null;
    if (name === null || mapped.has(column)) continue;
    if (mapping.fields[name] !== undefined || columns.includes(name)) continue;
    const message = `${column} is called "${name}" now; use --map ${name}=${column}`;
    throw invalidMapping(`${message}, or --map "${name}=''" to leave the column out`);
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
