import type { Command } from 'commander';
import { DomainError, errorType } from '../domain/errors.ts';
import { STATUS_FIELD } from '../domain/office/entity-state.ts';
import { parsePairs } from '../mixins/import/mapping-text.ts';
import type { CaseView } from '../services/conflicts/case-view.ts';
import { assertKnown } from './known-office.ts';
import type { OfficeClient } from './office-client.ts';
import { oneOf } from './options.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions;

interface ListOptions extends Options {
  readonly status?: string;
  readonly office?: string;
}

interface ResolveOptions extends Options {
  readonly take?: string;
  readonly set?: string[];
  readonly note?: string;
}

export function addConflicts(program: Command): void {
  const conflicts = program.command('conflicts').description('sales that were changed on both sides');
  const verb = (name: string, description: string) =>
    conflicts
      .command(name)
      .description(description)
      .option('--url <url>', 'of a running office')
      .option('--json', 'answer in JSON');
  verb('list', 'show them')
    .addOption(oneOf('--status <status>', 'only those', ['open', 'settled']))
    .option('--office <id>', 'those about sales of one office')
    .action(list);
  verb(
    'show <id>',
    'by its id, or by that of the sale: both sides, what they had in common, what was ruled',
  ).action(show);
  verb('resolve <id>', 'by its id, or by that of the sale: rule on it by hand, at the head')
    .option('--take <office>', 'the values of this side stand')
    .option(
      '--set <field=value...>',
      `these values stand, e.g. --set cost=12.95,tax=66.17; --set '${STATUS_FIELD}=live' keeps a voided sale`,
    )
    .option('--note <text>', 'kept with the ruling')
    .action((id: string, options: ResolveOptions) => rule(id, options, 'resolve'));
  verb('overrule <id>', 'set the last ruling on a settled one aside, at the head')
    .option('--take <office>', 'the values of this side stand')
    .option('--set <field=value...>', 'these values stand, of the fields that were ruled on')
    .option('--note <text>', 'kept with the ruling')
    .action((id: string, options: ResolveOptions) => rule(id, options, 'overrule'));
}

async function list(options: ListOptions): Promise<void> {
  const { status, office } = options;
  const query = {
    limit: 1_000,
    ...(status === undefined ? {} : { status }),
    ...(office === undefined ? {} : { office }),
  };
  const items = await withOffice(options, async (client) => {
    await assertKnown(client, office);
    return collect(client.all<CaseView>('/api/conflicts', query));
  });
  print(items, options, () =>
    table(
      ['CONFLICT', 'STATUS', 'OFFICE', 'SALE', 'FIELDS', 'SIDES'],
      items.map((one) => [
        one.id,
        one.status,
        one.office,
        one.entityId,
        fieldsText(one.fields),
        sidesOf(one),
      ]),
    ),
  );
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

function sidesOf({ contenders }: CaseView): string {
  return contenders.map(({ office, values }) => `${office} ${valuesText(values)}`).join(' | ');
}

function valuesText(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([field, value]) => (field === STATUS_FIELD ? statusText(value) : `${field}=${String(value)}`))
    .join(' ');
}

function statusText(status: unknown): string {
  return status === 'voided' ? 'voided' : 'not voided';
}

function fieldsText(fields: readonly string[]): string {
  return fields.map((field) => (field === STATUS_FIELD ? 'voiding' : field)).join(', ');
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

async function rule(id: string, options: ResolveOptions, how: 'resolve' | 'overrule'): Promise<void> {
  const { note } = options;
  const body = { ...choiceOf(options), ...(note === undefined ? {} : { note }) };
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

function caseText(conflict: CaseView): string {
  const { id, status, dataset, entityId, office, fields, base, contenders, rulings } = conflict;
  return [
    `${id}: ${status}, about ${fieldsText(fields)} of "${entityId}" (${dataset} of ${office})`,
    `before   ${valuesText(base)}`,
    ...contenders.map(
      (side) => `side     ${side.office}: ${valuesText(side.values)}  (${side.at}, ${side.actor})`,
    ),
    ...rulings.map(
      (one) =>
        `${one.overrules === undefined ? 'ruling ' : 'instead'}  ${valuesText(one.values)}  (${rulingText(one)})`,
    ),
  ].join('\n');
}

function rulingText({ policies, at, actor, note }: CaseView['rulings'][number]): string {
  return [policiesText(policies), at, actor, ...(note === undefined ? [] : [`"${note}"`])].join(', ');
}

function policiesText(policies: Readonly<Record<string, string>>): string {
  return [...new Set(Object.values(policies))].join(', ') || 'by an edit';
}
