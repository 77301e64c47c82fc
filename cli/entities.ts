import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Catalogue } from '../domain/datasets/catalogue.ts';
import { countedFields } from '../domain/datasets/counted.ts';
import type { Dataset } from '../domain/datasets/dataset.ts';
import { valueFromText } from '../domain/datasets/from-text.ts';
import { DomainError } from '../domain/errors.ts';
import { parsePairs } from '../mixins/import/mapping-text.ts';
import type { EntityView } from '../services/dataset/entity-view.ts';
import type { EventView } from '../services/event-view.ts';
import { assertKnown } from './known-office.ts';
import type { OfficeClient } from './office-client.ts';
import { officeDataset } from './office-dataset.ts';
import { wholeNumber } from './options.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions & { readonly office?: string };

interface ListOptions extends Options {
  readonly where?: string[];
  readonly deleted?: true;
  readonly limit: string;
}

interface WriteOptions extends Options {
  readonly id?: string;
  readonly set?: string[];
  readonly add?: string[];
  readonly reason?: string;
  readonly key?: string;
}

const MOST_LISTED = 100_000;
export const ENTITY_VERBS = ['list', 'get', 'record', 'amend', 'void', 'restore', 'history'];

/** `branchline stock list`, `branchline stock amend paper --add quantity=-2`, ...: the same for every dataset. */
export function addEntities(program: Command, datasets: Catalogue): void {
  for (const dataset of datasets.all)
    addDataset(program, {
      ...dataset,
      fields: Object.keys(dataset.fields),
      isCounting: countedFields(dataset).size > 0,
    });
}

/** One that the head has added: the office that is asked knows what it is. */
export function addUnknownEntities(program: Command, name: string): void {
  addDataset(program, {
    name,
    scope: 'office',
    fields: ['as branchline datasets show tells'],
    isCounting: true,
  });
}

interface Verbs {
  readonly name: string;
  readonly scope: Dataset['scope'];
  readonly fields: readonly string[];
  readonly isCounting: boolean;
}

function addDataset(program: Command, { name, scope, fields, isCounting }: Verbs): void {
  const group = program.command(name).description(`${name}: ${ENTITY_VERBS.join(', ')}`);
  const verb = (usage: string, description: string) => {
    const command = group.command(usage).description(description);
    if (scope === 'office') command.option('--office <id>', 'whose they are');
    return command.option('--url <url>', 'of a running office').option('--json', 'answer in JSON');
  };
  const write = (usage: string, description: string) =>
    verb(usage, description).option('--key <text>', 'the same key and the same request again are done once');
  const entities = new Entities(name);
  verb('list', 'show them')
    .option('--where <field=value...>', 'only those that have it')
    .option('--deleted', 'also what was voided')
    .option('--limit <number>', 'show at most as many', wholeNumber(1, MOST_LISTED), '100')
    .action((options: ListOptions) => entities.list(options));
  verb('get <id>', 'show one').action((id: string, options: Options) => entities.get(id, options));
  write('record', 'record a new one')
    .option('--id <id>', 'of your choice')
    .requiredOption('--set <field=value...>', fields.join(', '))
    .action((options: WriteOptions) => entities.record(options));
  const amend = write('amend <id>', 'change some of its fields').option(
    '--set <field=value...>',
    'what is to stand',
  );
  if (isCounting) amend.option('--add <field=number...>', 'to what is there; -2 takes two away');
  amend.action((id: string, options: WriteOptions) => entities.amend(id, options));
  write('void <id>', 'it stays, marked')
    .option('--reason <text>', 'kept with it')
    .action((id: string, options: WriteOptions) => entities.void(id, options));
  write('restore <id>', 'undo that it was voided').action((id: string, options: WriteOptions) =>
    entities.restore(id, options),
  );
  verb('history <id>', 'every event of it').action((id: string, options: Options) =>
    entities.history(id, options),
  );
}

/** The verbs of one dataset. */
class Entities {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async list(options: ListOptions): Promise<void> {
    const { where = [], office, deleted } = options;
    const most = Number(options.limit);
    const query = {
      ...parsePairs(where),
      ...officeOf(options),
      limit: Math.min(most, 1_000),
      deleted: deleted === true ? 'with' : 'without',
    };
    const { items, columns } = await withOffice(options, async (client) => {
      await assertKnown(client, office);
      const found = await firstOf(client.all<EntityView>(this.#path(), query), most);
      return { items: found, columns: columnsOf(await officeDataset(client, this.#name)) };
    });
    print(items, options, () =>
      table(
        columns.map((name) => name.toUpperCase()),
        items.map((one) => columns.map((name) => one[name])),
      ),
    );
  }

  async get(id: string, options: Options): Promise<void> {
    this.#show(await this.#ask(options, (client) => client.get(this.#path(id), officeOf(options))), options);
  }

  async record(options: WriteOptions): Promise<void> {
    const { id, set = [] } = options;
    const body = (dataset: Dataset) => ({ ...(id === undefined ? {} : { id }), ...valuesOf(dataset, set) });
    await this.#write(options, 'POST', this.#path('', options), body);
  }

  async amend(id: string, options: WriteOptions): Promise<void> {
    const { set = [], add = [] } = options;
    if (set.length + add.length === 0)
      throw new DomainError('usage', 'Say what to change, with --set FIELD=VALUE');
    const both = Object.keys(parsePairs(add)).find((name) => Object.hasOwn(parsePairs(set), name));
    if (both !== undefined)
      throw new DomainError('usage', `Say of "${both}" what it is, or what is added to it: not both`);
    const additions = (dataset: Dataset) =>
      Object.entries(valuesOf(dataset, add)).map(([field, value]) => [field, { add: value }] as const);
    const body = (dataset: Dataset) => ({
      ...valuesOf(dataset, set),
      ...Object.fromEntries(additions(dataset)),
    });
    await this.#write(options, 'PATCH', this.#path(id, options), body);
  }

  async void(id: string, options: WriteOptions): Promise<void> {
    const { reason } = options;
    const body = reason === undefined ? {} : { reason };
    await this.#write(options, 'DELETE', this.#path(id, options), body);
  }

  async restore(id: string, options: WriteOptions): Promise<void> {
    await this.#write(options, 'POST', this.#path(`${encodeURIComponent(id)}/restore`, options, true), {});
  }

  async history(id: string, options: Options): Promise<void> {
    const path = `${this.#path(id)}/history`;
    const { items } = await withOffice(options, (client) =>
      client.get<{ items: EventView[] }>(path, officeOf(options)),
    );
    print(items, options, () =>
      table(
        ['AT', 'EVENT', 'BY', 'STATUS', 'DATA'],
        items.map(({ at, type, office, actor, status, data }) => [
          at.slice(0, 24),
          type,
          `${office}, ${actor}`,
          status,
          JSON.stringify(data),
        ]),
      ),
    );
  }

  /** Under a key of its own, so that it is done once though its answer be lost. */
  async #write(
    options: WriteOptions,
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body: object | ((dataset: Dataset) => object),
  ): Promise<void> {
    const { key = randomUUID() } = options;
    const work = async (client: OfficeClient): Promise<EntityView> => {
      const given = typeof body === 'function' ? body(await officeDataset(client, this.#name)) : body;
      return client.write(method, path, given, key);
    };
    this.#show(await this.#ask(options, work, true), options);
  }

  #ask(
    options: Options,
    work: (client: OfficeClient) => Promise<EntityView>,
    writes = false,
  ): Promise<EntityView> {
    return withOffice({ ...options, writes }, async (client) => {
      await assertKnown(client, options.office);
      return work(client);
    });
  }

  #path(id = '', options: Options = {}, isPath = false): string {
    const query = options.office === undefined ? '' : `?office=${encodeURIComponent(options.office)}`;
    const rest = id === '' ? '' : `/${isPath ? id : encodeURIComponent(id)}`;
    return `/api/${this.#name}${rest}${query}`;
  }

  #show(entity: EntityView, options: Options): void {
    print(entity, options, () => {
      const names = Object.keys(entity);
      const width = Math.max(...names.map(({ length }) => length));
      return names.map((name) => `${name.padEnd(width)}  ${String(entity[name] ?? '-')}`).join('\n');
    });
  }
}

/** As its fields take them; what is wrong is for the office to say. */
function valuesOf({ fields }: Dataset, pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parsePairs(pairs)).map(([name, text]) => {
      const field = Object.hasOwn(fields, name) ? fields[name]! : null;
      return [name, field === null ? text : valueFromText(field, text)];
    }),
  );
}

function columnsOf({ fields, computed }: Dataset): string[] {
  return ['id', ...Object.keys(fields), ...Object.keys(computed), 'office'];
}

function officeOf({ office }: Options): { office?: string } {
  return office === undefined ? {} : { office };
}

async function firstOf<T>(items: AsyncIterable<T>, most: number): Promise<T[]> {
  const first: T[] = [];
  for await (const item of items) {
    first.push(item);
    if (first.length === most) break;
  }
  return first;
}
