import { createWriteStream } from 'node:fs';
import { Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify';
import type { Dataset } from '../domain/datasets/dataset.ts';
import { assertKnown } from './known-office.ts';
import type { OfficeClient } from './office-client.ts';
import { chosenDataset } from './office-dataset.ts';
import { say } from './output.ts';
import { oneOf } from './options.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';
import { assertWritable, unwritable } from './writable-file.ts';

interface ExportOptions extends ReachOptions {
  readonly dataset: string;
  readonly format: 'csv' | 'jsonl';
  readonly json?: boolean;
  readonly out?: string;
  readonly office?: string;
  readonly deleted?: boolean;
  readonly safe?: boolean;
}

const PAGE = 1_000;
/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;
/** Kinds of fields in which anything may be written. */
const TEXTS: ReadonlySet<string> = new Set(['text', 'enum', 'reference']);
const META = ['office', 'createdAt', 'updatedAt', 'deletedAt', 'conflicted'];

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write what an office has of a dataset as CSV or as JSON, one to a line')
    .addOption(oneOf('--format <format>', 'how', ['csv', 'jsonl']).default('csv'))
    .option('--json', 'the same as --format jsonl')
    .option('--out <file>', 'instead of stdout')
    .option('--dataset <name>', 'what to write', 'sales')
    .option('--office <id>', 'only those of one office')
    .option('--deleted', 'also what was voided')
    .option('--safe', 'put an apostrophe before cells that a spreadsheet would run as a formula')
    .option('--url <url>', 'of a running office')
    .action(exportRows);
}

async function exportRows(options: ExportOptions): Promise<void> {
  const format = options.json === true ? 'jsonl' : options.format;
  if (options.out !== undefined) assertWritable(options.out);
  const count = await withOffice(options, async (client) =>
    write(client, await chosenDataset(client, options.dataset), format, options),
  );
  if (options.out !== undefined) say(`${count} ${options.dataset} written to ${options.out}`);
}

async function write(
  client: OfficeClient,
  dataset: Dataset,
  format: 'csv' | 'jsonl',
  options: ExportOptions,
) {
  await assertKnown(client, options.office);
  let count = 0;
  const query = {
    limit: PAGE,
    deleted: options.deleted === true ? 'with' : 'without',
    ...(options.office === undefined ? {} : { office: options.office }),
  };
  async function* rows() {
    for await (const row of client.all<object>(`/api/${dataset.name}`, query)) {
      count += 1;
      yield row;
    }
  }
  const encoder = format === 'csv' ? csvEncoder(dataset, options.safe === true) : jsonLines();
  const { out } = options;
  await pipeline(rows(), encoder, target(out), { end: out !== undefined }).catch((error: unknown) => {
    throw out !== undefined && isOfFileSystem(error) ? unwritable(out, error.message) : error;
  });
  return count;
}

function csvEncoder({ fields, computed }: Dataset, safe: boolean): Transform {
  const columns = ['id', ...Object.keys(fields), ...Object.keys(computed), ...META];
  const isText = (column: unknown) => column === 'id' || TEXTS.has(fields[String(column)]?.kind ?? '');
  const cast = {
    boolean: String,
    // Amounts may begin with a minus; they are numbers, and stay so.
    string: (text: string, { column }: { column?: unknown }) =>
      safe && isText(column) ? defused(text) : text,
  };
  return stringify({ header: true, columns, cast });
}

function defused(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function jsonLines(): Transform {
  return new Transform({
    writableObjectMode: true,
    transform: (row: object, _, done) => done(null, `${JSON.stringify(row)}\n`),
  });
}

function isOfFileSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}

function target(path: string | undefined): Writable {
  return path === undefined ? process.stdout : createWriteStream(path);
}
