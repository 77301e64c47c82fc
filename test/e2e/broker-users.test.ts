// Offices that have a user of their own at the broker, made with the commands that `offices add` prints.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { brokerCommands } from '../../cli/broker-commands.ts';
import { headRights } from '../../mixins/link/amqp-rights.ts';
import { makeFolder, removeFolder } from '../harness/folder.ts';
import { startRabbitMq, type RabbitMqServer } from '../harness/rabbitmq.ts';
import { eventually } from '../harness/wait.ts';
import { branchline, OfficeProcess, type Settings } from './office-process.ts';
import { agree, amend, paper, record, type Sale, syncState, voidSale } from './sales.ts';

const VHOST = 'shops';
const PASSWORD = 'of-their-own';
const offices: OfficeProcess[] = [];
let broker: RabbitMqServer;
let folder: string;
let head: OfficeProcess;
let east: OfficeProcess;
let west: OfficeProcess;

/** The words of a command line whose only quotes are single ones. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, inQuotes, plain]) => inQuotes ?? plain!);

/** Types the commands; `add_user` is answered with the password. */
async function type(commands: readonly string[]): Promise<void> {
  for (const [program, ...args] of commands.map(wordsOf)) {
    expect(program).toBe('rabbitmqctl');
    await broker.ctl(...args, ...(args[0] === 'add_user' ? [PASSWORD] : []));
  }
}

function settingsOf(office: string, role: string): Settings {
  const url = new URL(broker.url);
  Object.assign(url, { username: office, password: PASSWORD, pathname: `/${VHOST}` });
  const database = `sqlite:${folder}/${office}.sqlite`;
  return { OFFICE_ID: office, OFFICE_ROLE: role, DATABASE_URL: database, LINK_URL: url.href };
}

async function start(settings: Settings): Promise<OfficeProcess> {
  const office = await OfficeProcess.start(settings);
  offices.push(office);
  return office;
}

interface Added {
  readonly environment: { readonly LINK_URL: string };
  readonly brokerCommands: readonly string[];
}

async function addBranch(id: string): Promise<OfficeProcess> {
  const { code, stdout } = await branchline(['offices', 'add', id, '--json'], head.settings);
  expect(code).toBe(0);
  const { environment, brokerCommands: commands } = JSON.parse(stdout) as Added;
  const settings = settingsOf(id, 'branch');
  expect(environment.LINK_URL.replace('PASSWORD', PASSWORD)).toBe(settings['LINK_URL']);
  await type(commands);
  return start(settings);
}

beforeAll(async () => {
  folder = await makeFolder('broker-users');
  broker = await startRabbitMq();
  await broker.createVhost(VHOST);
  await type(brokerCommands('head', VHOST, headRights()));
  head = await start(settingsOf('head', 'head'));
  east = await addBranch('east');
}, 120_000);

afterAll(async () => {
  await Promise.all(offices.map((office) => office.stop()));
  await broker.remove();
  await removeFolder(folder);
}, 60_000);

describe('offices with a user of their own at the broker', () => {
  it('work both ways', async () => {
    const [changed, dropped] = [await record(east, paper(3)), await record(east, paper(4))];
    await agree(head, east, 'east');
    await amend(head, changed.id, { qty: 30 });
    await voidSale(head, dropped.id);
    await agree(head, east, 'east');
    expect((await east.get<Sale>(`/api/sales/${changed.id}`)).body).toMatchObject({ qty: 30 });
    for (const office of [head, east]) expect(await syncState(office)).toMatchObject({ problem: null });
  }, 60_000);

  it('are joined by one more without being touched', async () => {
    const connections = async () =>
      (await broker.ctl('-q', 'list_connections', 'user', 'pid')).match(/^east\s.*$/gm);
    const before = await connections();
    expect(before).toHaveLength(2);
    west = await addBranch('west');
    await record(west, paper(5));
    await agree(head, west, 'west');
    await record(east, paper(6));
    await agree(head, east, 'east');
    expect(await connections()).toEqual(before);
  }, 90_000);

  it('cannot be overheard by another', async () => {
    const connection = await connect(settingsOf('west', 'branch')['LINK_URL']!);
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await expect(channel.consume('branchline.feed.east', () => undefined)).rejects.toThrow(/ACCESS_REFUSED/);
    await connection.close();
  });

  it('say what is wrong when one has the user of another, and sell on', async () => {
    const url = settingsOf('west', 'branch')['LINK_URL']!;
    const database = `sqlite:${folder}/misled.sqlite`;
    const misled = await start({ ...settingsOf('east', 'branch'), LINK_URL: url, DATABASE_URL: database });
    await record(misled, paper(1));
    await eventually(async () => {
      const { problem } = await syncState(misled);
      expect(problem?.detail).toMatch(/access to .*refused/);
    }, 30_000);
    await agree(head, east, 'east');
  }, 60_000);
});
