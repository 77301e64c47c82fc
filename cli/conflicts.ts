import type { Command } from 'commander';
import { BULK_POLICIES } from '../domain/conflict/policy.ts';
import { DomainError, errorType } from '../domain/errors.ts';
import { STATUS_FIELD } from '../domain/office/entity-state.ts';
import { parsePairs } from '../mixins/import/mapping-text.ts';
import type { CaseView } from '../services/conflicts/case-view.ts';
import { type BulkOptions, filterOf, type FilterOptions, resolveAll } from './conflicts-bulk.ts';
import { tryOut } from './conflicts-try.ts';
import { caseTable, caseText } from './conflicts-text.ts';
import { assertKnown } from './known-office.ts';
import type { OfficeClient } from './office-client.ts';
import { duration, oneOf, since } from './options.ts';
import { type OutputOptions, print } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions;

interface ListOptions extends Options, FilterOptions {
  readonly status?: string;
}

interface ResolveOptions extends BulkOptions {
  readonly all?: boolean;
  readonly set?: string[];
}

export function addConflicts(program: Command): void {
  const conflicts = program.command('conflicts').description('sales that were changed on both sides');
  const verb = (name: string, description: string) =>
    conflicts
      .command(name)
      .description(description)
      .option('--url <url>', 'of a running office')
      .option('--json', 'answer in JSON');
  filtered(verb('list', 'show them'))
    .addOption(oneOf('--status <status>', 'only those', ['open', 'settled']))
    .action(list);
  verb(
    'show <id>',
    'by its id, or by that of the sale: both sides, what they had in common, what was ruled',
  ).action(show);
  filtered(verb('resolve [id]', 'by its id, or by that of the sale: rule on it by hand, at the head'))
    .option('--all', 'instead of one: all open conflicts that fit')
    .option('--take <office>', `the values of this side stand; with --all also ${BULK_POLICIES.join(', ')}`)
    .option(
      '--set <field=value...>',
      `these values stand, e.g. --set cost=12.95,tax=66.17; --set '${STATUS_FIELD}=live' keeps a voided sale`,
    )
    .option('--note <text>', 'kept with the ruling')
    .option('--dry-run', 'with --all: show what would be ruled, and change nothing')
    .option('--yes', 'with --all: do not ask')
    .action(resolve);
  verb('overrule <id>', 'set the last ruling on a settled one aside, at the head')
    .option('--take <office>', 'the values of this side stand')
    .option('--set <field=value...>', 'these values stand, of the fields that were ruled on')
    .option('--note <text>', 'kept with the ruling')
    .action((id: string, options: ResolveOptions) => rule(id, options, 'overrule'));
  verb('try', 'what other policies would have made of past conflicts; changes nothing')
    .requiredOption(
      '--policy <file|name>',
      'a policy for all fields; or a file (.json, .ts, .js) with { default, fields, void }',
    )
    .option('--dataset <name>', 'those of one dataset; a file needs it')
    .option('--field <name>', 'change the policy of this field alone')
    .option('--since <time>', 'those opened since: 2026-04-01, or 90m, 36h, 2d, 1w ago', since)
    .option('--office <id>', 'those about sales of one office')
    .action(tryOut);
  verb('note <id> <text>', 'remark on one, at the head, without a ruling; its office reads it too').action(
    note,
  );
}

function filtered(command: Command): Command {
  return command
    .option('--office <id>', 'those about sales of one office')
    .option('--dataset <name>', 'those of one dataset')
    .option('--older-than <time>', 'those that were opened longer ago: 90m, 36h, 2d, 1w', duration)
    .option('--at-stake <amount>', 'those in which so much money is at stake, or more');
}

async function list(options: ListOptions): Promise<void> {
  const { status, office } = options;
  const query = { limit: 1_000, ...(status === undefined ? {} : { status }), ...filterOf(options) };
  const items = await withOffice(options, async (client) => {
    await assertKnown(client, office);
    return collect(client.all<CaseView>('/api/conflicts', query));
  });
  print(items, options, () => caseTable(items));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

async function show(id: string, options: Options): Promise<void> {
  const conflict = await withOffice(options, (client) => find(client, id));
  print(conflict, options, () => caseText(conflict));
}

/** A conflict by its id, or by that of the sale: the open one, or else the one that was settled last. */
async function find(client: OfficeClient, id: string): Promise<CaseView> {
  try {
    return await client.get<CaseView>(pathOf(id));
  } catch (error) {
    if (errorType(error) !== 'unknown-case') throw error;
    const [open, ...others] = await conflictsAbout(client, id, 'open');
    if (open !== undefined && others.length === 0) return open;
    const settled = open === undefined ? await conflictsAbout(client, id, 'settled') : [];
    const at = ({ settledAt }: CaseView) => settledAt ?? '';
    const last = settled.toSorted((a, b) => (at(a) < at(b) ? -1 : 1)).at(-1);
    if (last !== undefined) return last;
    throw error;
  }
}

async function conflictsAbout(client: OfficeClient, sale: string, status: CaseView['status']) {
  const all = await collect(client.all<CaseView>('/api/conflicts', { status, limit: 1_000 }));
  return all.filter(({ entityId }) => entityId === sale);
}

async function resolve(id: string | undefined, options: ResolveOptions): Promise<void> {
  if ((id === undefined) !== (options.all === true))
    throw new DomainError('usage', 'Name one conflict, or say --all', {});
  if (id !== undefined) return rule(id, options, 'resolve');
  if (options.set !== undefined)
    throw new DomainError('usage', '--set is for one conflict; with --all say --take', {});
  return resolveAll(options);
}

async function note(id: string, text: string, options: Options): Promise<void> {
  const conflict = await withOffice({ ...options, writes: true }, async (client) => {
    const found = await find(client, id);
    return client.post<CaseView>(`${pathOf(found.id)}/note`, { note: text });
  });
  print(conflict, options, () => caseText(conflict));
}

async function rule(id: string, options: ResolveOptions, how: 'resolve' | 'overrule'): Promise<void> {
  const body = { ...choiceOf(options), ...(options.note === undefined ? {} : { note: options.note }) };
  const conflict = await withOffice({ ...options, writes: true }, async (client) => {
    const found = await find(client, id);
    return client.post<CaseView>(`${pathOf(found.id)}/${how}`, body);
  });
  print(conflict, options, () => caseText(conflict));
}

function pathOf(id: string): string {
  return `/api/conflicts/${encodeURIComponent(id)}`;
}

function choiceOf({ take, set }: ResolveOptions): object {
  if (take !== undefined && set === undefined) return { take: { office: take } };
  if (set !== undefined && take === undefined) return { values: numbersWhereWhole(parsePairs(set)) };
  throw new DomainError('usage', 'Say either --take OFFICE or --set FIELD=VALUE', {});
}

/** A quantity is a number; money is given as text, and taken as a number too. */
function numbersWhereWhole(values: Readonly<Record<string, string>>): Record<string, string | number> {
  const value = (text: string) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text);
  return Object.fromEntries(Object.entries(values).map(([field, text]) => [field, value(text)]));
}
