import { readdir, readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Catalogue } from '../../domain/datasets/catalogue.ts';
import { checkDataset } from '../../domain/datasets/check-dataset.ts';
import type { Dataset } from '../../domain/datasets/dataset.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { DomainError } from '../../domain/errors.ts';
import { projectionNamed } from '../../domain/projections/registry.ts';
import { datasetTable } from '../store/datasets/dataset-table.ts';
import { readDeclaration } from '../../domain/datasets/declaration.ts';

const MODULES = new Set(['.ts', '.mts', '.js', '.mjs']);

interface Found {
  readonly file: string;
  readonly dataset: Dataset;
}

/**
 * The datasets of the program, with those that are declared in a folder: one to a file, as JSON or as the default export
 * of a module.
 * @throws DomainError `invalid-configuration` when there is no such folder; `invalid-dataset`, naming every file that is
 *   wrong, where in it, and why
 */
export async function loadDatasets(folder: string | null): Promise<Catalogue> {
  if (folder === null) return BUILT_IN;
  const files = await declarationsIn(folder);
  const read = await Promise.all(files.map((name) => readFileOf(resolve(folder), name)));
  const problems = read.flatMap((one) => ('problems' in one ? one.problems : []));
  const found = read.filter((one): one is Found => 'dataset' in one);
  problems.push(...namedTwice(found));
  if (problems.length > 0) throw wrongDeclarations(folder, problems);
  return BUILT_IN.with(found.map(({ dataset }) => dataset));
}

async function declarationsIn(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => extname(name) === '.json' || MODULES.has(extname(name))).sort();
  } catch (error) {
    const message = `DATASETS_DIR names "${folder}", which cannot be read: ${reasonOf(error)}`;
    throw new DomainError('invalid-configuration', message, { setting: 'DATASETS_DIR' });
  }
}

async function readFileOf(folder: string, file: string): Promise<Found | { problems: string[] }> {
  const flawed = (problems: readonly string[]) => ({
    problems: problems.map((problem) => `${file}: ${problem}`),
  });
  let declared: unknown;
  try {
    declared = await contentOf(join(folder, file));
  } catch (error) {
    return flawed([`cannot be read: ${reasonOf(error)}`]);
  }
  const result = readDeclaration(declared);
  if ('problems' in result) return flawed(result.problems);
  try {
    checkDataset(result.dataset);
    datasetTable(result.dataset);
    return { file, dataset: result.dataset };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return flawed(error.data['problems'] as string[]);
  }
}

/** Of a JSON file, or the default export of a module. */
export async function contentOf(path: string): Promise<unknown> {
  if (extname(path) === '.json') return JSON.parse(await readFile(path, 'utf8'));
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  if (module.default === undefined) throw new Error('it has no default export');
  return module.default;
}

/** Of the program's own, or of two files. */
function namedTwice(found: readonly Found[]): string[] {
  const projections = found
    .filter(({ dataset }) => projectionNamed(dataset.name) !== null)
    .map(({ file, dataset }) => `${file}: name "${dataset.name}" is that of a projection`);
  const datasets = (['name', 'noun'] as const).flatMap((what) => {
    const known = new Map(BUILT_IN.all.map((dataset) => [dataset[what], 'the program itself']));
    return found.flatMap(({ file, dataset }) => {
      const other = known.get(dataset[what]);
      known.set(dataset[what], file);
      return other === undefined
        ? []
        : [`${file}: ${what} "${dataset[what]}" is that of a dataset of ${other}`];
    });
  });
  return [...projections, ...datasets];
}

function wrongDeclarations(folder: string, problems: readonly string[]): DomainError {
  const lines = problems.map((problem) => `  ${problem}`);
  const message = `Datasets in ${folder} (DATASETS_DIR) are declared wrongly:\n${lines.join('\n')}`;
  return new DomainError('invalid-dataset', message, { setting: 'DATASETS_DIR', problems });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
