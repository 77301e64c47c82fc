import type { Command } from 'commander';
import { SingleBar } from 'cli-progress';
import type { Dataset } from '../domain/datasets/dataset.ts';
import { DomainError } from '../domain/errors.ts';
import { SHARED_SCOPE } from '../domain/event.ts';
import {
  type ImportJob,
  type ImportReport,
  importSheet,
  readableSize,
  type SinkResult,
} from '../mixins/import/import-sheet.ts';
import { parsePairs } from '../mixins/import/mapping-text.ts';
import { isEncoding } from '../mixins/import/read-sheet.ts';
import { PRESETS } from '../mixins/import/presets.ts';
import type { Mapping } from '../mixins/import/row-mapper.ts';
import type { DateOrder } from '../mixins/import/sheet-date.ts';
import { machinePorts } from '../mixins/machine-ports.ts';
import { EXIT } from './exit.ts';
import { type Imported, importText } from './import-report.ts';
import { assertKnown } from './known-office.ts';
import type { OfficeClient } from './office-client.ts';
import { chosenDataset } from './office-dataset.ts';
import { oneOf } from './options.ts';
import { type OutputOptions, print } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';
import { RejectsFile } from './rejects-file.ts';

interface ImportOptions extends OutputOptions, ReachOptions {
  readonly dataset: string;
  readonly map?: string[];
  readonly where?: string[];
  readonly preset?: string;
  readonly office?: string;
  readonly dates?: DateOrder;
  readonly delimiter: string;
  readonly encoding: string;
  readonly round?: boolean;
  readonly strict?: boolean;
  readonly newIds?: boolean;
  /** false: --no-rejects. */
  readonly rejects?: string | boolean;
}

type Sheet = Pick<ImportJob, 'path' | 'mapping' | 'onBadLine'>;

const HELP = `
A field is given by a column, a number, a text in single quotes, or a calculation with + - * / ( ):
  branchline import sheet.csv --map soldOn="Order Date",product="Product Name" --map cost="Sales / Quantity",tax=0
  branchline import superstore.csv --preset superstore --where Region=East
Columns that are called like fields need no --map. Numbers are exact; what does not come out within the decimals of
its field is refused, or rounded with --round.
A file that is imported twice adds nothing the second time: ids come from the office, the file and the row. Bad lines
are passed over and written beside the sheet, to sheet.rejects.csv: mend them there, and import that file.
A sheet with a column id (or --map id=COLUMN) keeps its ids: what is there already is left as it is. Of an export, what
was voided is not brought back, and what belongs to other offices is passed over (at the head: --office).
Works with the running office (--url, or HOST and PORT), and otherwise with its database.
Exit codes: 0 all imported, 65 some lines were not.`;

export function addImport(program: Command): void {
  program
    .command('import <file>')
    .description('record what a CSV file holds')
    .option('--map <field=column...>', 'where the fields come from')
    .option('--where <column=text...>', 'only lines with this text in this column')
    .addOption(oneOf('--preset <name>', 'a known sheet', Object.keys(PRESETS)))
    .option('--dataset <name>', 'what the lines are', 'sales')
    .option('--office <id>', 'at the head: whose they are')
    .addOption(oneOf('--dates <order>', 'iso: 2026-04-01; us: 4/1/2026; eu: 1/4/2026', ['iso', 'us', 'eu']))
    .option('--delimiter <character>', 'between cells', ',')
    .option('--encoding <name>', 'of the file', 'utf-8')
    .option('--round', 'round numbers that do not come out exactly, half away from zero')
    .option('--strict', 'import nothing unless all lines are good')
    .option('--rejects <file>', 'where bad lines go, instead of beside the sheet')
    .option('--no-rejects', 'keep bad lines nowhere')
    .option('--new-ids', 'take lines as new sales even though the sheet has ids')
    .option('--url <url>', 'of a running office')
    .option('--json', 'answer in JSON')
    .addHelpText('after', HELP)
    .action(importFile);
}

async function importFile(path: string, options: ImportOptions): Promise<void> {
  const mapping = mappingOf(options);
  assertReadable(options);
  await readableSize(path);
  const rejects = rejectsOf(path, options);
  const sheet: Sheet = { path, mapping, onBadLine: (raw, heading) => rejects?.add(raw, heading) };
  const report = await withOffice({ ...options, makes: true, writes: true }, (client) =>
    importWith(client, sheet, options),
  ).finally(() => rejects?.close());
  const imported: Imported = { ...report, rejects: rejects?.path ?? null };
  print(imported, options, () => importText(imported, options.encoding));
  if (report.bad > 0) process.exitCode = EXIT.data;
}

/** Before a database is made for what cannot be read. */
function assertReadable({ delimiter, encoding }: ImportOptions): void {
  if (delimiter === '') {
    throw new DomainError('usage', '--delimiter must be what stands between cells: , or ; or a tab');
  }
  if (!isEncoding(encoding)) {
    const message = `--encoding "${encoding}" is not known; for example utf-8, windows-1252 or utf-16le`;
    throw new DomainError('usage', message, { actual: encoding });
  }
}

function mappingOf({ map = [], where = [], preset, dates, round = false }: ImportOptions): Mapping {
  const known = preset === undefined ? undefined : PRESETS[preset];
  return {
    fields: { ...known?.fields, ...parsePairs(map) },
    where: parsePairs(where),
    dates: dates ?? known?.dates ?? 'iso',
    round,
  };
}

async function importWith(client: OfficeClient, sheet: Sheet, options: ImportOptions): Promise<ImportReport> {
  const dataset = await chosenDataset(client, options.dataset);
  await assertKnown(client, options.office);
  const office = await homeOf(client, dataset, options.office);
  const { strict = false, newIds = false } = options;
  const bar = progressBar();
  const job: ImportJob = {
    ...sheet,
    office,
    dataset,
    formerNames: dataset.formerNames,
    sheet: { delimiter: options.delimiter, encoding: options.encoding },
    strict,
    newIds,
    hasher: machinePorts,
    onProgress: (done, total) => bar.show(done, total),
  };
  try {
    return await importSheet(job, (rows) =>
      client.post<SinkResult>(`/api/${dataset.name}/import`, { office, rows }),
    );
  } finally {
    bar.stop();
  }
}

/** Whose the lines will be. */
async function homeOf(client: OfficeClient, { name, scope }: Dataset, asked?: string): Promise<string> {
  if (scope === 'office') return asked ?? (await client.get<{ office: string }>('/health/live')).office;
  if (asked === undefined) return SHARED_SCOPE;
  throw new DomainError('usage', `--office is not for ${name}, which belong to all offices`);
}

/** Whoever wants all lines or none mends the sheet itself. */
function rejectsOf(path: string, { rejects, strict }: ImportOptions): RejectsFile | null {
  if (strict === true || rejects === false) return null;
  return new RejectsFile(path, typeof rejects === 'string' ? rejects : undefined);
}

/** Only where a person is looking. */
function progressBar(): { show(done: number, total: number): void; stop(): void } {
  if (!process.stderr.isTTY) return { show() {}, stop() {} };
  const bar = new SingleBar({
    stream: process.stderr,
    format: 'importing [{bar}] {percentage}%',
    clearOnComplete: true,
  });
  bar.start(1, 0);
  return {
    show(done, total) {
      bar.setTotal(Math.max(total, 1));
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
