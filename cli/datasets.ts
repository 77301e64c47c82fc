import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { type Unfit, unfitText } from '../domain/datasets/definitions.ts';
import type { SchemaChange } from '../domain/datasets/schema-change.ts';
import type { OfficeStatus } from '../mixins/sync/sync.ts';
import type { DeclarationView, FieldView } from '../services/dataset/declaration-view.ts';
import { addPolicies } from './datasets-policies.ts';
import type { Plan } from '../services/datasets/plan.ts';
import { type ChangeOptions, changeRequest } from './dataset-changes.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions;
type ApplyOptions = Options & ChangeOptions & { readonly key?: string };

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
  withChanges(verb('plan <name|file>', 'what a change would come to, at the head')).action(plan);
  withChanges(verb('apply <name|file>', 'make it, for all offices; each takes it up when it hears of it'))
    .option('--key <text>', 'the same key and the same request again are done once')
    .action(apply);
}

const CHANGES_HELP = `
  branchline datasets plan sales --add-field channel=enum:shop,web --default shop
  branchline datasets apply sales --rename region=area --widen product=text:400 --optional tax
  branchline datasets apply visits --add-value mood=fine --retire guests
  branchline datasets apply changes.json   {"dataset": "sales", "changes": [{"kind": "retire-field", "field": "tax"}]}
  branchline datasets apply visits.json    the declaration of a new dataset, without functions
Types: text:200, integer, integer:0..100, decimal:18,4, date, timestamp, boolean, enum:one,other, reference:products.
A retired field keeps its data, and nothing is ever narrowed: what would lose data is refused.`;

function withChanges(command: Command): Command {
  return command
    .option('--add-field <name=type...>', 'a new field')
    .option('--default <value...>', 'what it is where nobody wrote it (NAME=VALUE when there are several)')
    .option('--required <name...>', 'which of the new ones must be given; they need a default')
    .option('--rename <old=new...>', 'what people and programs call a field')
    .option('--widen <name=type...>', 'a longer text, a wider range, more digits')
    .option('--optional <name...>', 'fields that may be left out')
    .option('--retire <name...>', 'fields that nobody is to write any more')
    .option('--add-value <name=value...>', 'a further value of an enum')
    .addHelpText('after', CHANGES_HELP);
}

async function plan(target: string, options: Options & ChangeOptions): Promise<void> {
  const request = await changeRequest(target, options);
  const planned = await withOffice({ ...options, role: 'head' }, (head) =>
    head.post<Plan>('/api/datasets/plan', request),
  );
  print(planned, options, () => [...planText(planned), 'Nothing was changed.'].join('\n'));
}

/** Under a key of its own, so that it is done once though its answer be lost. */
async function apply(target: string, options: ApplyOptions): Promise<void> {
  const { key = randomUUID() } = options;
  const request = await changeRequest(target, options);
  const applied = await withOffice({ ...options, role: 'head', writes: true }, (head) =>
    head.write<Plan>('POST', '/api/datasets/apply', request, key),
  );
  print(applied, options, () =>
    [...planText(applied), `${applied.dataset} has version ${applied.to} now.`].join('\n'),
  );
}

function planText({ dataset, from, to, changes, databases, waiting }: Plan): string[] {
  const runs = databases.map(({ family, statements }) =>
    statements.length === 0
      ? `  ${family}: nothing, there is room already`
      : statements.map((statement) => `  ${family}: ${statement}`).join('\n'),
  );
  const waits = waiting.map(({ office, reason }) => `  ${office} ${reason}`);
  return [
    from === null ? `${dataset} is new, with version ${to}` : `${dataset} goes from version ${from} to ${to}`,
    ...changes.map((change) => `  ${changeText(change)}`),
    ...(runs.length === 0 ? [] : ['Each database runs, in a moment and beside the sales:', ...runs]),
    ...(waits.length === 0
      ? ['Every office can take it up when it reaches them.']
      : ['These offices cannot take it up yet, and sell on as before:', ...waits]),
  ];
}

function changeText(change: SchemaChange): string {
  switch (change.kind) {
    case 'add-field':
      return `adds ${change.field}${change.default === null ? '' : `, ${String(change.default)} where nobody wrote it`}`;
    case 'rename-field':
      return `calls ${change.field} ${change.to}`;
    case 'widen-field':
      return `widens ${change.field}`;
    case 'make-optional':
      return `makes ${change.field} optional`;
    case 'retire-field':
      return `retires ${change.field}; what was written is kept`;
    case 'add-values':
      return `lets ${change.field} be ${change.values.join(', ')}`;
    case 'add-dataset':
      return `declares ${change.declaration.name}`;
  }
}

async function list(options: Options): Promise<void> {
  const { items, unfit = [] } = await withOffice(options, async (client) => ({
    ...(await client.get<{ items: DeclarationView[] }>('/api/datasets')),
    ...(await client.get<Partial<Pick<OfficeStatus, 'unfit'>>>('/api/sync')), // also of what could not be added
  }));
  const rows = items.map(({ name, version, scope, fields }) => [
    name,
    version,
    scope === 'shared' ? 'all offices' : 'one office each',
    fields.map((field) => field.name).join(', '),
  ]);
  print([...items, ...notAdded(items, unfit)], options, () =>
    [table(['DATASET', 'VERSION', 'BELONGS TO', 'FIELDS'], rows), ...unfit.map(unfitText)].join('\n'),
  );
}

/** Datasets that the head has added and this office has not got, for programs: without a version. */
function notAdded(items: readonly DeclarationView[], unfit: readonly Unfit[]): object[] {
  const there = new Set(items.map(({ name }) => name));
  const missing = Map.groupBy(unfit, ({ dataset }) => dataset);
  return [...missing]
    .filter(([name]) => !there.has(name))
    .map(([name, reasons]) => ({
      ...{ name, version: null, fields: [], retired: [] },
      unfit: reasons.map(({ version, reason }) => ({ version, reason })),
    }));
}

async function show(name: string, options: Options): Promise<void> {
  const dataset = await withOffice(options, (client) =>
    client.get<DeclarationView>(`/api/datasets/${encodeURIComponent(name)}`),
  );
  print(dataset, options, () => declarationText(dataset));
}

function declarationText({ name, version, scope, fields, retired, policies }: DeclarationView): string {
  const owner = scope === 'shared' ? 'all offices, and the head writes it' : 'one office each';
  const lines = fields.map((field) => [
    field.name,
    typeText(field) + (field.default === undefined ? '' : `, ${String(field.default)} unless given`),
    field.computed ? 'computed' : field.required ? 'required' : 'optional',
    field.computed ? '-' : (policies.fields[field.name] ?? policies.default),
  ]);
  return [
    `${name}, version ${version}, belongs to ${owner}; policies of version ${policies.version}`,
    table(['FIELD', 'TYPE', '', 'IN DISPUTE'], [...lines, ['(voided)', '', '', policies.void]]),
    ...(retired.length === 0 ? [] : [`Retired, and kept: ${retired.join(', ')}`]),
  ].join('\n');
}

function typeText(field: FieldView): string {
  switch (field.kind) {
    case 'text':
      return `text of at most ${field.maxLength}`;
    case 'decimal':
      return `decimal(${field.precision}, ${field.scale})`;
    case 'integer':
      return `integer${limitsText(field)}`;
    case 'enum':
      return field.values.join(' | ');
    case 'reference':
      return `id of ${field.dataset}`;
    default:
      return field.kind;
  }
}

/** Limits that nobody has set are those of a number that JSON keeps exactly. */
function limitsText({ min, max }: { readonly min: number; readonly max: number }): string {
  const least = min === Number.MIN_SAFE_INTEGER ? '' : ` from ${min}`;
  return least + (max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`);
}
