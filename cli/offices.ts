import type { Command } from 'commander';
import type { OfficeView } from '../services/offices.service.ts';
import { hasOfficeConfig, officeConfig } from './config.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions;

interface AddOptions extends Options {
  readonly name?: string;
  readonly subscribe: 'own' | 'all';
}

const REACH =
  '\nTalks to the head while it runs (--url, or HOST and PORT), and otherwise opens its database.';

export function addOffices(program: Command): void {
  const offices = program
    .command('offices')
    .description('the offices that the head works with')
    .addHelpText('after', REACH);
  const verb = (name: string, description: string) =>
    offices
      .command(name)
      .description(description)
      .option('--url <url>', 'of the running head')
      .option('--json', 'answer in JSON');
  verb('list', 'show them').action(list);
  verb('add <id>', 'let a new branch in, and say what to set there')
    .option('--name <name>', 'shown to people')
    .option('--subscribe <what>', 'own: its own sales; all: those of all offices', 'own')
    .action(add);
  verb('retire <id>', 'let a branch in no more; its data stays').action(retire);
}

async function list(options: Options): Promise<void> {
  const { items } = await withOffice({ ...options, role: 'head' }, (head) =>
    head.get<{ items: OfficeView[] }>('/api/offices'),
  );
  print(items, options, () =>
    table(
      ['OFFICE', 'NAME', 'STATUS', 'CONNECTED', 'EVENTS', 'LAST CONTACT'],
      items.map((one) => [
        one.id,
        one.name,
        one.status,
        one.connected ? 'yes' : 'no',
        one.seq,
        one.lastContactAt,
      ]),
    ),
  );
}

async function add(id: string, options: AddOptions): Promise<void> {
  const { name, subscribe } = options;
  const body = { id, subscribe, ...(name === undefined ? {} : { name }) };
  const office = await withOffice({ ...options, role: 'head', writes: true }, (head) =>
    head.post<OfficeView>('/api/offices', body),
  );
  const environment = branchEnvironment(office);
  print({ ...office, environment }, options, () => {
    const lines = Object.entries(environment).map(([setting, value]) => `  ${setting}=${value}`);
    return [`The head knows ${office.id} now. Set at the branch:`, '', ...lines].join('\n');
  });
}

/** What a branch needs. Where its database is, and what user it has at the broker, only its people know. */
function branchEnvironment({ id, name, subscribe }: OfficeView): Record<string, string> {
  return {
    OFFICE_ID: id,
    OFFICE_ROLE: 'branch',
    OFFICE_NAME: /^[\w.-]*$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`,
    DATABASE_URL: `sqlite:data/${id}.sqlite`,
    LINK_URL: linkUrlForOthers(),
    ...(subscribe === 'own' ? {} : { SUBSCRIBE: subscribe }),
  };
}

/** The head's own, where it is known, without its user and password. */
function linkUrlForOthers(): string {
  const own = hasOfficeConfig() ? officeConfig().linkUrl : null;
  if (own === null) return 'amqps://USER:PASSWORD@BROKER:5671/VHOST';
  const { protocol, host, pathname } = new URL(own);
  return `${protocol}//USER:PASSWORD@${host}${pathname}`;
}

async function retire(id: string, options: Options): Promise<void> {
  const path = `/api/offices/${encodeURIComponent(id)}`;
  const office = await withOffice({ ...options, role: 'head', writes: true }, (head) =>
    head.delete<OfficeView>(path),
  );
  print(office, options, () => `${office.id} is retired: the head takes nothing from it any more.`);
}
