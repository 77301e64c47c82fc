import { randomUUID } from 'node:crypto';
import type { OfficeConfig } from '../config.ts';
import { openLine } from '../link/amqp-line.ts';
import { amqpSettings } from '../link/amqp-options.ts';
import { feedQueue, UP_EXCHANGE } from '../link/amqp-topology.ts';
import { type Finding, fine, problem } from './finding.ts';

const CHECK = 'broker';
const CONNECT_MS = 10_000;
const PLUGIN = 'rabbitmq_consistent_hash_exchange';
const PARTITIONING = 'x-consistent-hash';
const COMMAND_INVALID = 503;

type Line = Awaited<ReturnType<typeof openLine>>;
type Channel = Awaited<ReturnType<Line['publishing']['createChannel']>>;

/** Looks at the broker; what it makes there it takes away again. */
export async function checkBroker(config: OfficeConfig): Promise<Finding[]> {
  if (config.linkUrl === null) return [];
  const settings = amqpSettings({ url: config.linkUrl, connectMs: CONNECT_MS });
  const where = `${settings.server.hostname ?? ''}:${settings.server.port ?? ''}`;
  try {
    const line = await openLine(settings, 'branchline doctor', AbortSignal.timeout(CONNECT_MS));
    try {
      return await lookAround(line, where, config);
    } finally {
      await line.close();
    }
  } catch (error) {
    const detail = `The broker at ${where} cannot be used: ${settings.describe(error)}`;
    return [
      problem(
        CHECK,
        detail,
        'Start it, or correct LINK_URL (host, port, user, password, virtual host). Meanwhile the office sells.',
      ),
    ];
  }
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
  return [...findings, await headIsThere(line), await isLetIn(line, office)];
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
