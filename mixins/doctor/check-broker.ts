import { randomUUID } from 'node:crypto';
import type { OfficeConfig } from '../config.ts';
import { openLine } from '../link/amqp-line.ts';
import { amqpSettings } from '../link/amqp-options.ts';
import { controlQueue, feedQueue, UP_EXCHANGE } from '../link/amqp-topology.ts';
import { type Finding, fine, problem } from './finding.ts';

const CHECK = 'broker';
const CONNECT_MS = 10_000;
const PLUGIN = 'rabbitmq_consistent_hash_exchange';
const PARTITIONING = 'x-consistent-hash';
const COMMAND_INVALID = 503;
const NOT_ALLOWED = 403;

type Line = Awaited<ReturnType<typeof openLine>>;
type Channel = Awaited<ReturnType<Line['publishing']['createChannel']>>;

/**
 * Looks at the broker; what it makes there it takes away again. `isMixedUp`: the database is another office's,
 * so that what is missing at the broker may be missing for the wrong office.
 */
export async function checkBroker(config: OfficeConfig, isMixedUp = false): Promise<Finding[]> {
  if (config.linkUrl === null) return [];
  const settings = amqpSettings({ url: config.linkUrl, connectMs: CONNECT_MS });
  const where = `${settings.server.hostname ?? ''}:${settings.server.port ?? ''}`;
  try {
    const line = await openLine(settings, 'branchline doctor', AbortSignal.timeout(CONNECT_MS));
    try {
      const findings = await lookAround(line, where, config);
      return isMixedUp ? findings.map(afterTheOwner) : findings;
    } finally {
      await line.close();
    }
  } catch (error) {
    const reason = settings.describe(error);
    const detail = `The broker at ${where} cannot be used: ${reason}`;
    return [problem(CHECK, detail, `${whatToCorrect(reason)} Meanwhile the office sells.`)];
  }
}

/** A broker that answered needs no start. */
function whatToCorrect(reason: string): string {
  if (/ACCESS[_-]REFUSED/.test(reason)) return 'Correct the user or the password in LINK_URL.';
  if (reason.includes('virtual host'))
    return 'Correct the virtual host in LINK_URL, or let its user in where RabbitMQ runs: rabbitmqctl set_permissions.';
  return 'Start it, or correct LINK_URL (host, port).';
}

/** Advice for an office that this is perhaps not meant to be would do harm. */
function afterTheOwner(finding: Finding): Finding {
  if (finding.state !== 'problem') return finding;
  return { ...finding, advice: 'First see to what is found about the owner of the database.' };
}

async function lookAround(
  line: Line,
  where: string,
  { office, role, headPartitions }: OfficeConfig,
): Promise<Finding[]> {
  const { product, version } = line.publishing.connection.serverProperties;
  const findings = [fine(CHECK, `${where} answers: ${product} ${version}`)];
  if (role === 'head') {
    findings.push(await mayDeclare(line));
    return headPartitions > 1 ? [...findings, await mayPartition(line)] : findings;
  }
  return [...findings, await headIsThere(line), await isLetIn(line, office), await mayRead(line, office)];
}

/** The head makes every queue and exchange. */
async function mayDeclare(line: Line): Promise<Finding> {
  const queue = `branchline.doctor.${randomUUID()}`;
  const code = await refusalOf(line, async (channel) => {
    await channel.assertQueue(queue, { exclusive: true, autoDelete: true });
    await channel.deleteQueue(queue);
  });
  if (code === null) return fine(CHECK, 'queues may be declared');
  const advice = 'Give its user at the broker the rights that the README names for the head (“Real offices”)';
  return problem(CHECK, `The head may not declare queues (${code})`, advice);
}

/** Last, since a broker that does not know the type of an exchange closes the connection. */
async function mayPartition(line: Line): Promise<Finding> {
  const exchange = `branchline.doctor.${randomUUID()}`;
  const declared = refusalOf(line, async (channel) => {
    await channel.assertExchange(exchange, PARTITIONING, { autoDelete: true, durable: false });
    await channel.deleteExchange(exchange);
  });
  const code = await Promise.race([declared, line.lost.then(() => COMMAND_INVALID)]);
  if (code === null) return fine(CHECK, `${PLUGIN} is enabled`);
  const advice = `Run on the broker: rabbitmq-plugins enable ${PLUGIN}. Or set HEAD_PARTITIONS=1.`;
  return problem(CHECK, `HEAD_PARTITIONS needs exchanges of type ${PARTITIONING} (${code})`, advice);
}

async function headIsThere(line: Line): Promise<Finding> {
  const code = await refusalOf(line, (channel) => channel.checkExchange(UP_EXCHANGE));
  if (code === null) return fine(CHECK, 'the head has been here');
  return problem(
    CHECK,
    `The head’s exchange ${UP_EXCHANGE} is not there (${code})`,
    'Start the head with the same broker and virtual host.',
  );
}

async function isLetIn(line: Line, office: string): Promise<Finding> {
  const code = await refusalOf(line, (channel) => channel.checkQueue(feedQueue(office)));
  if (code === null) return fine(CHECK, 'the head has let this office in');
  return problem(
    CHECK,
    `There is no queue for ${office} (${code})`,
    `Run at the head: branchline offices add ${office}. Unless it was retired there: its id is not given again; give this office a new OFFICE_ID and database.`,
  );
}

async function mayRead(line: Line, office: string): Promise<Finding> {
  const codes = [await readingCode(line, feedQueue(office)), await readingCode(line, controlQueue(office))];
  const user = 'LINK_URL’s user';
  if (!codes.includes(NOT_ALLOWED)) return fine(CHECK, `${user} may read what is for ${office}`);
  return problem(
    CHECK,
    `${user} has not the rights of ${office} (${NOT_ALLOWED})`,
    `Correct LINK_URL; or run, where RabbitMQ runs, the rabbitmqctl commands that branchline offices add ${office} shows at the head.`,
  );
}

/**
 * Asks to consume with an argument that cannot be: the broker looks at the rights first (403), then at the queue
 * (404) and at the argument (406), and delivers nothing, which would disturb an office that runs.
 */
function readingCode(line: Line, queue: string): Promise<number | null> {
  return refusalOf(line, (channel) =>
    channel.consume(queue, () => undefined, { arguments: { 'x-priority': 'none' } }),
  );
}

/** null when the broker agrees; otherwise its code, 403 or 404. A refusal costs the channel, so each has its own. */
async function refusalOf(line: Line, ask: (channel: Channel) => Promise<unknown>): Promise<number | null> {
  const channel = await line.publishing.createChannel();
  channel.on('error', () => {}); // the same error as the answer
  try {
    await ask(channel);
    await channel.close();
    return null;
  } catch (error) {
    return (error as { code?: number }).code ?? 0;
  }
}
