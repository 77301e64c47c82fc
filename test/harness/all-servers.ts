import { VARIABLES } from './environment.ts';
import { installMissing } from './installation.ts';
import { startMariaDb } from './mariadb.ts';
import { startPostgres } from './postgres.ts';
import { startRabbitMq } from './rabbitmq.ts';
import { startRedis } from './redis.ts';
import type { Server } from './server.ts';

/** One server of a test run: the variable that names it, the programs it takes, how it is started. */
interface Offer {
  readonly variable: string;
  readonly debianPackage: string;
  readonly programs: readonly string[];
  readonly start: () => Promise<Started>;
}

interface Started {
  readonly server: Server;
  readonly env: Readonly<Record<string, string>>;
}

async function startAmqp(): Promise<Started> {
  const server = await startRabbitMq();
  return { server, env: { [VARIABLES.amqp]: server.url, [VARIABLES.amqpManagement]: server.managementUrl } };
}

const named = (variable: string, start: () => Promise<Server>) => async (): Promise<Started> => {
  const server = await start();
  return { server, env: { [variable]: server.url } };
};

const OFFERS: readonly Offer[] = [
  {
    variable: VARIABLES.postgres,
    debianPackage: 'postgresql',
    programs: ['postgres', 'initdb'],
    start: named(VARIABLES.postgres, startPostgres),
  },
  {
    variable: VARIABLES.mariadb,
    debianPackage: 'mariadb-server',
    programs: ['mariadbd', 'mariadb-install-db'],
    start: named(VARIABLES.mariadb, startMariaDb),
  },
  {
    variable: VARIABLES.amqp,
    debianPackage: 'rabbitmq-server',
    programs: ['rabbitmq-server', 'rabbitmqctl', 'epmd'],
    start: startAmqp,
  },
  {
    variable: VARIABLES.redis,
    debianPackage: 'redis-server',
    programs: ['redis-server'],
    start: named(VARIABLES.redis, startRedis),
  },
];

export interface AllServers {
  /** The variables to pass on to the tests. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

async function removeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => server.remove()));
}

/** Installs what these servers take, where it is missing and we may. */
export function installFor(variables: readonly string[]): Promise<void> {
  return installMissing(OFFERS.filter(({ variable }) => variables.includes(variable)));
}

/** Starts a private instance of every server for which the environment names none, all at once. */
export async function startAllServers(): Promise<AllServers> {
  const wanted = OFFERS.filter(({ variable }) => !process.env[variable]);
  await installMissing(wanted);
  const results = await Promise.allSettled(wanted.map(({ start }) => start()));
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const servers = started.map(({ server }) => server);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await removeAll(servers);
    throw failed.reason;
  }
  return {
    env: Object.assign({}, ...started.map(({ env }) => env)) as Record<string, string>,
    remove: () => removeAll(servers),
  };
}
