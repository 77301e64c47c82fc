import type { Command } from 'commander';
import { SingleBar } from 'cli-progress';
import { datasetNamed } from '../domain/datasets/registry.ts';
import { DomainError } from '../domain/errors.ts';
import { type ImportReport, importSheet, type SinkResult } from '../mixins/import/import-sheet.ts';
import { parsePairs } from '../mixins/import/mapping-text.ts';
import { isEncoding } from '../mixins/import/read-sheet.ts';
import { PRESETS } from '../mixins/import/presets.ts';
import type { Mapping } from '../mixins/import/row-mapper.ts';
import type { DateOrder } from '../mixins/import/sheet-date.ts';
import { machinePorts } from '../mixins/machine-ports.ts';
import { EXIT } from './exit.ts';
import type { OfficeClient } from './office-client.ts';
import { type OutputOptions, print, say } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

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
}

const BAD_LINES_SHOWN = 20;
const HELP = `
A field is given by a column, a number, a text in single quotes, or a calculation with + - * / ( ):
  branchline import sheet.csv --map soldOn="Order Date",product="Product Name" --map cost="Sales / Quantity",tax=0
  branchline import superstore.csv --preset superstore --where Region=East
Columns that are called like fields need no --map. Numbers are exact; what does not come out within the decimals of
its field is refused, or rounded with --round. A file that is imported twice adds nothing the second time.
Works with the running office (--url, or HOST and PORT), and otherwise with its database.
Exit codes: 0 all imported, 65 some lines were not.`;

export function addImport(program: Command): void {
  program
    .command('import <file>')
    .description('record what a CSV file holds')
    .option('--map <field=column...>', 'where the fields come from')
    .option('--where <column=text...>', 'only lines with this text in this column')
    .option('--preset <name>', `a known sheet: ${Object.keys(PRESETS).join(', ')}`)
    .option('--dataset <name>', 'what the lines are', 'sales')
    .option('--office <id>', 'at the head: whose they are')
    .option('--dates <order>', 'iso (2026-04-01), us (4/1/2026) or eu (1/4/2026)')
    .option('--delimiter <character>', 'between cells', ',')
    .option('--encoding <name>', 'of the file', 'utf-8')
    .option('--round', 'round numbers that do not come out exactly, half away from zero')
    .option('--strict', 'stop at the first bad line')
    .option('--url <url>', 'of a running office')
    .option('--json', 'answer in JSON')
    .addHelpText('after', HELP)
    .action(importFile);
}

async function importFile(path: string, options: ImportOptions): Promise<void> {
  const mapping = mappingOf(options);
  assertReadable(options);
  const report = await withOffice({ ...options, makes: true, writes: true }, (client) =>
    importWith(client, path, mapping, options),
  );
  print(report, options, () => reportText(report));
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
  if (preset !== undefined && known === undefined) {
    throw new DomainError(
      'usage',
      `There is no preset "${preset}"; there is ${Object.keys(PRESETS).join(', ')}`,
    );
  }
  if (dates !== undefined && !['iso', 'us', 'eu'].includes(dates)) {
    throw new DomainError('usage', '--dates must be iso, us or eu', { actual: dates });
  }
  return {
    fields: { ...known?.fields, ...parsePairs(map) },
    where: parsePairs(where),
    dates: dates ?? known?.dates ?? 'iso',
    round,
  };
}

async function importWith(
  client: OfficeClient,
  path: string,
  mapping: Mapping,
  options: ImportOptions,
): Promise<ImportReport> {
  const dataset = datasetNamed(options.dataset);
  if (dataset === null) throw new DomainError('usage', `There is no dataset "${options.dataset}"`);
  const office = options.office ?? (await client.get<{ office: string }>('/health/live')).office;
  const bar = progressBar();
  const job = {
    path,
    office,
    dataset,
    mapping,
    sheet: { delimiter: options.delimiter, encoding: options.encoding },
    strict: options.strict === true,
    hasher: machinePorts,
    onProgress: (done: number, total: number) => bar.show(done, total),
  };
  try {
    return await importSheet(job, (rows) =>
      client.post<SinkResult>(`/api/${dataset.name}/import`, { office, rows }),
    );
  } finally {
    bar.stop();
  }
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

function reportText({ lines, skipped, added, known, bad, badLines, file }: ImportReport): string {
  for (const { line, reason } of badLines.slice(0, BAD_LINES_SHOWN)) say(`line ${line}: ${reason}`);
  if (bad > BAD_LINES_SHOWN) say(`... and ${bad - BAD_LINES_SHOWN} more bad lines; --json lists them`);
  const parts = [
    `${lines} lines read`,
    `${added} added`,
    `${known} imported before`,
    `${skipped} passed over`,
    `${bad} bad`,
  ];
  return `${file}: ${parts.join(', ')}`;
}
