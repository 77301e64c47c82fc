import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import type { EventView, WaitingView } from '../services/event-view.ts';
import { assertKnown } from './known-office.ts';
import { wholeNumber } from './options.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

interface EventsOptions extends OutputOptions, ReachOptions {
  readonly after: string;
  readonly limit: string;
  readonly author?: string;
  readonly waiting?: true;
}

export function addEvents(program: Command): void {
  program
    .command('events')
    .description('the log of an office, in the order in which it accepted the events')
    .option('--after <position>', 'those behind this position', wholeNumber(0, Number.MAX_SAFE_INTEGER), '0')
    .option('--limit <count>', 'at most so many, up to 1000', wholeNumber(1, 1_000), '100')
    .option('--author <office>', 'only what this office wrote')
    .option('--waiting', 'only what is kept and not applied, and why')
    .option('--url <url>', 'of a running office')
    .option('--json', 'answer in JSON')
    .action(events);
}

async function events(options: EventsOptions): Promise<void> {
  if (options.waiting === true) return waitingEvents(options);
  const { after, limit, author } = options;
  const query = { after, limit, ...(author === undefined ? {} : { author }) };
  const page = await withOffice(options, async (client) => {
    await assertKnown(client, author);
    return client.get<{ items: EventView[] }>('/api/events', query);
  });
  print(page, options, () =>
    table(
      ['POSITION', 'EVENT', 'TYPE', 'OF', 'AT', 'DATA'],
      page.items.map((one) => [
        one.position,
        `${one.office}@${one.epoch}:${one.seq}`,
        one.type,
        `${one.scope}/${one.entityId}`,
        one.at.slice(0, 24),
        JSON.stringify(one.data),
      ]),
    ),
  );
}

async function waitingEvents({ after, limit, author, ...options }: EventsOptions): Promise<void> {
  if (author !== undefined)
    throw new DomainError('usage', '--waiting shows those of all offices: leave out --author', {});
  const page = await withOffice(options, (client) =>
    client.get<{ items: WaitingView[] }>('/api/events/waiting', { after, limit }),
  );
  print(page, options, () =>
    table(
      ['POSITION', 'EVENT', 'TYPE', 'OF', 'SINCE', 'STATUS', 'WHY'],
      page.items.map((one) => [
        one.position,
        `${one.office}@${one.epoch}:${one.seq}`,
        one.type,
        `${one.scope}/${one.entityId}`,
        one.since,
        one.status,
        `${one.reason}: ${one.detail}`,
      ]),
    ),
  );
}
