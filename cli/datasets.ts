import type { Command } from 'commander';
import type { DeclarationView, FieldView } from '../services/dataset/declaration-view.ts';
import { addPolicies } from './datasets-policies.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions;

export function addDatasets(program: Command): void {
  const datasets = program
    .command('datasets')
    .description('what an office keeps: sales, products, stock, ...');
  const verb = (name: string, description: string) =>
    datasets
      .command(name)
      .description(description)
      .option('--url <url>', 'of a running office')
      .option('--json', 'answer in JSON');
  verb('list', 'show them').action(list);
  verb('show <name>', 'its fields, and how a dispute over each of them is settled').action(show);
  addPolicies(datasets);
}

async function list(options: Options): Promise<void> {
  const { items } = await withOffice(options, (client) =>
    client.get<{ items: DeclarationView[] }>('/api/datasets'),
  );
  print(items, options, () =>
    table(
      ['DATASET', 'VERSION', 'BELONGS TO', 'FIELDS'],
      items.map(({ name, version, scope, fields }) => [
        name,
        version,
        scope === 'shared' ? 'all offices' : 'one office each',
        fields.map((field) => field.name).join(', '),
      ]),
    ),
  );
}

async function show(name: string, options: Options): Promise<void> {
  const dataset = await withOffice(options, (client) =>
    client.get<DeclarationView>(`/api/datasets/${encodeURIComponent(name)}`),
  );
  print(dataset, options, () => declarationText(dataset));
}

function declarationText({ name, version, scope, fields, policies }: DeclarationView): string {
  const owner = scope === 'shared' ? 'all offices, and the head writes it' : 'one office each';
  const lines = fields.map((field) => [
    field.name,
    typeText(field),
    field.computed ? 'computed' : field.required ? 'required' : 'optional',
    field.computed ? '-' : (policies.fields[field.name] ?? policies.default),
  ]);
  return [
    `${name}, version ${version}, belongs to ${owner}; policies of version ${policies.version}`,
    table(['FIELD', 'TYPE', '', 'IN DISPUTE'], [...lines, ['(voided)', '', '', policies.void]]),
  ].join('\n');
}

function typeText(field: FieldView): string {
  switch (field.kind) {
    case 'text':
      return `text of at most ${field.maxLength}`;
    case 'decimal':
      return `decimal(${field.precision}, ${field.scale})`;
    case 'enum':
      return field.values.join(' | ');
    case 'reference':
      return `id of ${field.dataset}`;
    default:
      return field.kind;
  }
}
