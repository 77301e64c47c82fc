import { randomUUID } from 'node:crypto';
import type { ServiceBroker } from 'moleculer';
import { CHUNK_ROWS } from '../mixins/import/import-sheet.ts';
import { lineIds } from '../mixins/import/line-id.ts';
import { machinePorts } from '../mixins/machine-ports.ts';
import type { ImportResult, ImportRow } from '../services/dataset/entity-import.ts';
import { openBulkInsert } from './bulk-insert.ts';
import { DATABASES, type Database } from './database.ts';
import type { Benchmark, BenchSetting, Repetition } from './figure.ts';
import type { OfficeProcess } from './office-process.ts';
import { projectionsSettled } from './projections-settled.ts';
import { sampleSale } from './sample-sales.ts';
import { serveBranch } from './served-branch.ts';

/** What `branchline import` asks of an office once it has read a file: events, hash chain, table. */
export const importBenchmarks: readonly Benchmark[] = DATABASES.map((kind) => ({
  measures: [
    {
      name: `import.${kind}`,
      what: `rows through the action sales.import on ${kind}, ${CHUNK_ROWS} a call, one call after the other; the limit is the same sales put into a bare table in bulk`,
      unit: 'sales/s',
      goal: { atLeast: 0.4 },
    },
  ],
  prepare: (setting) => prepare(setting, kind),
}));

async function prepare({ servers, quick, onEnd }: BenchSetting, kind: Database): Promise<Repetition> {
  const count = quick ? 5_000 : 20_000;
  const bulk = await openBulkInsert(kind, await servers.database(kind));
  onEnd(() => bulk.close());
  const { broker, office, stop } = await serveBranch(await servers.database(kind));
  onEnd(stop);
  let imported = 0;
  const run = async (rows: number): Promise<number> =>
    importRate(broker, sampleSheet()(rows, (imported += rows) - rows));
  await bulk.rate(count / 2);
  await run(count / 5);
  return async () => {
    await projectionsSettled(() => office.projections().list());
    return [{ limit: await bulk.rate(count), value: await run(count) }];
  };
}

/** Lines of a sheet as the command sends them: with ids that are made of the sheet and the line. */
function sampleSheet(): (count: number, from: number) => ImportRow[] {
  const idOf = lineIds(machinePorts, [randomUUID()]);
  return (count, from) =>
    Array.from({ length: count }, (_, index) => ({
      id: idOf(from + index),
      eventId: derivedLooking(randomUUID()),
      fields: { ...sampleSale(from + index) },
    }));
}

/** Ids of imported events are made of the sheet, and say so by their version. */
function derivedLooking(id: string): string {
  return `${id.slice(0, 14)}8${id.slice(15)}`;
}

/** Through the REST interface, as the command does. @throws unless all of them are new */
export async function importSales(
  office: OfficeProcess,
  { sales, from = 0, of }: { readonly sales: number; readonly from?: number; readonly of?: string },
): Promise<void> {
  const rowsOf = sampleSheet();
  let sending = Promise.resolve();
  const send = async (rows: readonly ImportRow[]): Promise<void> => {
    const body = of === undefined ? { rows } : { office: of, rows };
    const { added } = await office.ask<ImportResult>('POST', '/api/sales/import', body);
    if (added !== rows.length) throw new Error(`Only ${added} of ${rows.length} rows were imported`);
  };
  for (let at = from; at < from + sales; at += CHUNK_ROWS) {
    const rows = rowsOf(Math.min(CHUNK_ROWS, from + sales - at), at); // while the ones before are imported
    await sending;
    sending = send(rows);
  }
  await sending;
}

async function importRate(broker: ServiceBroker, rows: readonly ImportRow[]): Promise<number> {
  const started = performance.now();
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const chunk = rows.slice(from, from + CHUNK_ROWS);
    const { added } = await broker.call<ImportResult, object>('sales.import', { rows: chunk });
    if (added !== chunk.length) throw new Error(`Only ${added} of ${chunk.length} rows were imported`);
  }
  return (rows.length * 1_000) / (performance.now() - started);
}
