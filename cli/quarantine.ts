import type { Command } from 'commander';
import { DomainError, errorType } from '../domain/errors.ts';
import type { WaitingView } from '../services/event-view.ts';
import type { QuarantineView } from '../services/quarantine/quarantine-view.ts';
import { confirm } from './confirm.ts';
import type { OfficeClient } from './office-client.ts';
import { oneOf } from './options.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions;

interface ListOptions extends Options {
  readonly status?: WaitingView['status'];
}

interface RetryOptions extends Options {
  readonly all?: true;
}

interface DiscardOptions extends Options {
  readonly why: string;
  readonly yes?: true;
}

const WHAT = `
An event is PARKED until what it waits for arrives, and is applied by itself then; one that waits for a newer program is
applied by retry, after the update. One that is QUARANTINED will never be applied by itself: its author may not write it,
or it makes no sense. Only its sale waits with it; it stays in the log. <event> is its name, west@1:7, or its position in this office's log.`;

export function addQuarantine(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('events that are kept and not applied, and what to do with them')
    .addHelpText('after', WHAT);
  const verb = (name: string, description: string) =>
    quarantine
      .command(name)
      .description(description)
      .option('--url <url>', 'of a running office')
      .option('--json', 'answer in JSON')
      .addHelpText('after', WHAT);
  verb('list', 'show them, and why')
    .addOption(oneOf('--status <status>', 'only those', ['parked', 'quarantined']))
    .action(list);
  verb('show <event>', 'what it says, what it waits for, and what waits for it').action(show);
  verb('retry [event]', 'judge it once more: after an upgrade, or when the cause is mended')
    .option('--all', 'every one of them')
    .action(retry);
  verb('discard <event>', 'set it aside for good, at every office; only at the head')
    .requiredOption('--why <text>', 'kept with it')
    .option('--yes', 'do not ask')
    .action(discard);
}

async function list({ status, ...options }: ListOptions): Promise<void> {
  const query = { limit: 1_000, ...(status === undefined ? {} : { status }) };
  const items = await withOffice(options, (client) => listed(client, query));
  const none = status === undefined ? 'Every event is applied.' : `No event is ${status}.`;
  print(items, options, () => (items.length === 0 ? none : tableOf(items)));
}

async function listed(
  client: OfficeClient,
  query: { limit: number; status?: string },
): Promise<WaitingView[]> {
  const items: WaitingView[] = [];
  for await (const item of client.all<WaitingView>('/api/quarantine', query)) items.push(item);
  return items;
}

function tableOf(items: readonly WaitingView[]): string {
  const heading = ['EVENT', 'STATUS', 'TYPE', 'OF', 'SINCE', 'WHY'];
  const rows = items.map((one) => [
    nameOf(one),
    one.status,
    one.type,
    `${one.scope}/${one.entityId}`,
    one.since,
    `${one.reason}: ${one.detail}`,
  ]);
  return table(heading, rows);
}

function nameOf({ office, epoch, seq }: Pick<WaitingView, 'office' | 'epoch' | 'seq'>): string {
  return `${office}@${epoch}:${seq}`;
}

async function show(event: string, options: Options): Promise<void> {
  const found = await withOffice(options, (client) => client.get<QuarantineView>(pathOf(event)));
  print(found, options, () => textOf(found));
}

async function retry(event: string | undefined, { all, ...options }: RetryOptions): Promise<void> {
  if ((event === undefined) === (all === undefined))
    throw new DomainError('usage', 'Name one event, or say --all', {});
  const judged = await withOffice({ ...options, writes: true }, async (client) => {
    const events = event === undefined ? (await listed(client, { limit: 1_000 })).map(nameOf) : [event];
    return event === undefined ? retryEach(client, events) : [await retryOne(client, event)];
  });
  print(
    event === undefined ? judged : judged[0],
    options,
    () => judged.map(outcomeOf).join('\n') || 'Nothing waits.',
  );
}

/** One may come free with another, or somebody else has seen to it meanwhile. */
const SEEN_TO = new Set(['event-applied', 'event-discarded', 'unknown-event']);

async function retryEach(client: OfficeClient, events: readonly string[]): Promise<QuarantineView[]> {
  const judged: QuarantineView[] = [];
  for (const event of events) {
    const one = await retryOne(client, event).catch((error: unknown) => {
      if (SEEN_TO.has(errorType(error))) return null;
      throw error;
    });
    if (one !== null) judged.push(one);
  }
  return judged;
}

function retryOne(client: OfficeClient, event: string): Promise<QuarantineView> {
  return client.post<QuarantineView>(`${pathOf(event)}/retry`);
}

function outcomeOf({ event, status, reason, detail }: QuarantineView): string {
  return status === 'applied'
    ? `${event} is applied now.`
    : `${event} is still ${status}: ${reason}, ${detail}`;
}

async function discard(event: string, { why, yes, ...options }: DiscardOptions): Promise<void> {
  const discarded = await withOffice({ ...options, role: 'head', writes: true }, async (head) => {
    if (yes !== true) {
      const found = await head.get<QuarantineView>(pathOf(event));
      if (found.status !== 'discarded') await confirm(found.event, whatItMeans(found), options);
    }
    return head.post<QuarantineView>(`${pathOf(event)}/discard`, { why });
  });
  print(
    discarded,
    options,
    () => `${discarded.event} is discarded: it stays in the log, and is applied nowhere.`,
  );
}

function whatItMeans({ event, type, entityId, actor, at, holdsBack }: QuarantineView): string {
  const freed = holdsBack.length === 0 ? [] : [`What waits for it is judged again: ${holdsBack.join(', ')}.`];
  return [
    `Discarding ${event} (${type} of ${entityId}, by ${actor} at ${at.slice(0, 24)}) is for good, at every office that`,
    'holds it: also at its own, where it may be applied and then is taken back. It stays in the log.',
    ...freed,
  ].join('\n');
}

function pathOf(event: string): string {
  return `/api/quarantine/${encodeURIComponent(event)}`;
}

function textOf(one: QuarantineView): string {
  const { event, status, type, dataset, scope, entityId, actor, at, reason, detail, since, discarded } = one;
  const names = (heading: string, events: readonly string[]) =>
    events.length === 0 ? [] : [`${heading}${events.join(', ')}`];
  return [
    `${event}: ${status}, ${type} of "${entityId}" (${dataset} of ${scope})`,
    `written  ${at.slice(0, 24)} by ${actor}, at position ${one.position} here`,
    ...(reason === null ? [] : [`why      ${reason}: ${detail}, since ${since}`]),
    ...(discarded === null
      ? []
      : [`gone     discarded by ${discarded.by} at ${discarded.at}: ${discarded.why}`]),
    ...names('waits    for ', one.waitsFor),
    ...names('before   ', one.holdsBack),
    `data     ${JSON.stringify(one.data)}`,
  ].join('\n');
}
