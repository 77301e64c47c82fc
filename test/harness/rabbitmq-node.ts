// One node of RabbitMQ, alone or of a cluster.
import { randomBytes } from 'node:crypto';
import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { makeFolder, makeSubfolder } from './folder.ts';
import { ordinaryUser, type User } from './ordinary-user.ts';
import { freePort } from './ports.ts';
import { program } from './programs.ts';
import { createVhost, vhostUrl } from './rabbitmq-vhosts.ts';
import { runProgram } from './run-program.ts';
import { startServer, type Server } from './server.ts';

export interface RabbitMqServer extends Server {
  readonly managementUrl: string;
  /** Creates an empty virtual host and returns its url. `wipe` empties it, but leaves it there. */
  createVhost(name: string): Promise<string>;
  /** Runs rabbitmqctl on this node (it takes a second or two), e.g. `ctl('set_vm_memory_high_watermark', '0')`. */
  ctl(...args: string[]): Promise<string>;
}

/** What nodes of one cluster share. */
export interface Shared {
  readonly user: User | undefined;
  readonly epmdPort: number;
  readonly password: string;
  readonly cookie: string;
}

export interface Place extends Shared {
  readonly folder: string;
  readonly port: number;
  readonly managementPort: number;
  readonly distributionPort: number;
}

const nodeName = ({ port }: Place): string => `branchline-${port}@localhost`;

const configuration = (place: Place, cluster: readonly Place[]): string =>
  [
    `listeners.tcp.local = 127.0.0.1:${place.port}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${place.managementPort}`,
    'management_agent.disable_metrics_collector = true',
    'default_user = branchline',
    `default_pass = ${place.password}`,
    'disk_free_limit.absolute = 50MB',
    'raft.wal_max_size_bytes = 67108864',
    ...(cluster.length === 0 ? [] : ['cluster_formation.peer_discovery_backend = classic_config']),
    ...cluster.map((member, i) => `cluster_formation.classic_config.nodes.${i + 1} = ${nodeName(member)}`),
    '',
  ].join('\n');

/** Everything that RabbitMQ would otherwise look for in /etc, /var or the home folder. */
const nodeEnvironment = (place: Place): NodeJS.ProcessEnv => ({
  HOME: place.folder, // with the Erlang cookie
  ERL_EPMD_PORT: String(place.epmdPort),
  RABBITMQ_CONF_ENV_FILE: join(place.folder, 'none'),
  RABBITMQ_CONFIG_FILE: join(place.folder, 'rabbitmq.conf'),
  RABBITMQ_ADVANCED_CONFIG_FILE: join(place.folder, 'none.config'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(place.folder, 'enabled_plugins'),
  RABBITMQ_GENERATED_CONFIG_DIR: join(place.folder, 'data', 'config'),
  RABBITMQ_MNESIA_BASE: join(place.folder, 'data'),
  RABBITMQ_LOG_BASE: place.folder,
  RABBITMQ_LOGS: '-',
  RABBITMQ_PID_FILE: join(place.folder, 'rabbitmq.pid'),
  RABBITMQ_NODENAME: nodeName(place),
  RABBITMQ_DIST_PORT: String(place.distributionPort),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  RUNNING_UNDER_SYSTEMD: 'true', // the start script then becomes the server, so that our pid is the server's
});

async function initialise(
  place: Place,
  plugins: readonly string[],
  cluster: readonly Place[],
): Promise<void> {
  await makeSubfolder(place.folder, 'data', place.user);
  const files = {
    'rabbitmq.conf': configuration(place, cluster),
    enabled_plugins: `[${plugins.join(',')}].\n`,
    '.erlang.cookie': place.cookie,
  };
  for (const [name, text] of Object.entries(files)) {
    await rm(join(place.folder, name), { force: true });
    await writeFile(join(place.folder, name), text, { mode: 0o600 });
    if (place.user) await chown(join(place.folder, name), place.user.uid, place.user.gid);
  }
}

async function probe(url: string, managementUrl: string): Promise<void> {
  const connection = await connect(url, { timeout: 5000 });
  await connection.close();
  await fetch(new URL(managementUrl).origin);
}

export async function share(): Promise<Shared> {
  return {
    user: ordinaryUser('rabbitmq'),
    epmdPort: await freePort(),
    password: randomBytes(16).toString('hex'),
    cookie: randomBytes(16).toString('hex'),
  };
}

export async function findPlace(shared: Shared): Promise<Place> {
  return {
    ...shared,
    folder: await makeFolder('rabbitmq', shared.user),
    port: await freePort(),
    managementPort: await freePort(),
    distributionPort: await freePort(),
  };
}

export interface NodeOptions {
  readonly plugins: readonly string[];
  /** All its nodes, this one among them; none: it stands alone. */
  readonly cluster?: readonly Place[];
  readonly onRemove?: () => Promise<void>;
}

export async function startNode(place: Place, options: NodeOptions): Promise<RabbitMqServer> {
  const { plugins, cluster = [], onRemove } = options;
  const { folder, user, password } = place;
  const url = `amqp://branchline:${password}@127.0.0.1:${place.port}`;
  const managementUrl = `http://branchline:${password}@127.0.0.1:${place.managementPort}`;
  const vhosts = new Set<string>();
  const server = await startServer({
    name: 'RabbitMQ',
    url,
    folder,
    command: program('rabbitmq-server'),
    args: [],
    env: nodeEnvironment(place),
    user,
    killToDiscard: true,
    initialise: () => initialise(place, plugins, cluster),
    deleteData: () => rm(join(folder, 'data'), { recursive: true, force: true }),
    probe: () => probe(url, managementUrl),
    prepare: async () =>
      void (await Promise.all([...vhosts].map((name) => createVhost(managementUrl, name)))),
    ...(onRemove ? { onRemove } : {}),
  });
  return Object.assign(server, {
    managementUrl,
    createVhost: async (name: string) => {
      await createVhost(managementUrl, name);
      vhosts.add(name);
      return vhostUrl(url, name);
    },
    ctl: (...args: string[]) =>
      runProgram(program('rabbitmqctl'), args, {
        cwd: folder,
        user,
        env: { ...process.env, ...nodeEnvironment(place) },
      }),
  });
}
