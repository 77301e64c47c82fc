import type { Command } from 'commander';
import { branchRights } from '../mixins/link/amqp-rights.ts';
import type { OfficeView } from '../services/office-view.ts';
import { brokerCommands } from './broker-commands.ts';
import { hasOfficeConfig, officeConfig } from './config.ts';
import { confirm } from './confirm.ts';
import { oneOf } from './options.ts';
import { type OutputOptions, print, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

type Options = OutputOptions & ReachOptions;

type Listed = Omit<OfficeView, 'behind'> & Partial<Pick<OfficeView, 'behind'>>;

interface AddOptions extends Options {
  readonly name?: string;
  readonly subscribe: 'own' | 'all';
}

interface RetireOptions extends Options {
  readonly yes?: true;
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
    .addOption(
      oneOf('--subscribe <what>', 'own: its own sales; all: those of all offices', ['own', 'all']).default(
        'own',
      ),
    )
    .action(add);
  verb('retire <id>', 'let a branch in no more, for good; what the head has of it stays')
    .option('--yes', 'do not ask')
    .action(retire);
}

async function list(options: Options): Promise<void> {
  const { items } = await withOffice({ ...options, role: 'head' }, (head) =>
    head.get<{ items: Listed[] }>('/api/offices'),
  );
  print(items, options, () =>
    table(
      ['OFFICE', 'NAME', 'STATUS', 'CONNECTED', 'EVENTS', 'LAST CONTACT', 'BEHIND IN'],
      items.map((one) => [
        one.id,
        one.name,
        one.status,
        one.connected ? 'yes' : 'no',
        one.seq,
        one.lastContactAt,
        behindText(one),
      ]),
    ),
  );
}

/** A head of an older program does not say. */
function behindText({ behind = [], datasets }: Listed): string | null {
  const texts = behind.map((name) => `${name} (${datasets[name] ?? 'not there'})`);
  return texts.length === 0 ? null : texts.join(', ');
}

async function add(id: string, options: AddOptions): Promise<void> {
  const { name, subscribe } = options;
  const body = { id, subscribe, ...(name === undefined ? {} : { name }) };
  const office = await withOffice({ ...options, role: 'head', writes: true }, (head) =>
    head.post<OfficeView>('/api/offices', body),
  );
  const environment = branchEnvironment(office);
  const broker = brokerCommands(office.id, vhostOf(environment.LINK_URL), branchRights(office.id));
  print({ ...office, environment, brokerCommands: broker }, options, () => {
    const settings = Object.entries(environment).map(([setting, value]) => `  ${setting}=${value}`);
    return [
      `The head knows ${office.id} now. Set at the branch:`,
      '',
      ...settings,
      '',
      'Once, where RabbitMQ runs, so that it has a user of its own that can speak for no other office',
      '(the first command asks for its PASSWORD):',
      '',
      ...broker.map((command) => `  ${command}`),
    ].join('\n');
  });
}

/** What a branch needs. Where its database is, and the password of its user at the broker, only its people know. */
function branchEnvironment({
  id,
  name,
  subscribe,
}: OfficeView): { LINK_URL: string } & Record<string, string> {
  return {
    OFFICE_ID: id,
    OFFICE_ROLE: 'branch',
    OFFICE_NAME: /^[\w.-]*$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`,
    DATABASE_URL: `sqlite:data/${id}.sqlite`,
    LINK_URL: linkUrlFor(id),
    ...(subscribe === 'own' ? {} : { SUBSCRIBE: subscribe }),
  };
}

/** The head's own, where it is known, with the user of this office and without a password. */
function linkUrlFor(id: string): string {
  const own = hasOfficeConfig() ? officeConfig().linkUrl : null;
  if (own === null) return `amqps://${id}:PASSWORD@BROKER:5671/branchline`;
  const { protocol, host, pathname } = new URL(own);
  return `${protocol}//${id}:PASSWORD@${host}${pathname}`;
}

/** As amqplib reads it: none and `/` are RabbitMQ's own first one. */
function vhostOf(linkUrl: string): string {
  return decodeURIComponent(new URL(linkUrl).pathname.slice(1)) || '/';
}

async function retire(id: string, options: RetireOptions): Promise<void> {
  const office = await withOffice({ ...options, role: 'head', writes: true }, async (head) => {
    const { items } = await head.get<{ items: OfficeView[] }>('/api/offices');
    const known = items.find((one) => one.id === id && one.status === 'active');
    if (known !== undefined && options.yes !== true) await confirm(id, whatRetiringMeans(known), options);
    return head.delete<OfficeView>(`/api/offices/${encodeURIComponent(id)}`);
  });
  print(office, options, () => `${office.id} is retired: the head takes nothing from it any more.`);
}

function whatRetiringMeans({ id, name, seq, lastContactAt }: OfficeView): string {
  return [
    `Retiring ${id} (${name}) is for good: the head takes nothing from it any more, and its id is not given again.`,
    `The head has ${seq} of its events, and heard from it last ${lastContactAt ?? 'never'}: what the branch did`,
    'after that stays with the branch. To be sure of all of it, run `branchline sync --once` there first.',
  ].join('\n');
}
