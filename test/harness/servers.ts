// What a suite asks for: a fresh, empty database, virtual host or Redis database on a server of this test run.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { VARIABLES, type DatabaseKind } from './environment.ts';
import { makeFolder, removeFolder } from './folder.ts';
import { createMariaDbDatabase, dropMariaDbDatabase } from './mariadb.ts';
import { createPostgresDatabase, dropPostgresDatabase } from './postgres.ts';
import { createVhost, deleteVhost, vhostUrl } from './rabbitmq-vhosts.ts';
import { flushRedisDatabase, nextRedisDatabase } from './redis.ts';

export { databasesUnderTest, linksUnderTest } from './environment.ts';
export type { DatabaseKind, LinkKind } from './environment.ts';

/** A place of its own for one suite. */
export interface TestPlace {
  readonly url: string;
  /** Removes it with all it holds. */
  drop(): Promise<void>;
}

const uniqueName = (): string => `t_${randomBytes(6).toString('hex')}`;

function serverUrl(variable: string): string {
  const url = process.env[variable];
  if (url) return url;
  throw new Error(
    `${variable} is not set. Run the tests with "npm test -- <path>", which starts the servers, ` +
      `or set it to a server that may be written to.`,
  );
}

export async function testSqlite(): Promise<TestPlace> {
  const folder = await makeFolder('sqlite');
  return { url: `sqlite:${join(folder, 'test.sqlite')}`, drop: () => removeFolder(folder) };
}

export async function testPostgres(): Promise<TestPlace> {
  const [server, name] = [serverUrl(VARIABLES.postgres), uniqueName()];
  const url = await createPostgresDatabase(server, name);
  return { url, drop: () => dropPostgresDatabase(server, name) };
}

export async function testMariaDb(): Promise<TestPlace> {
  const [server, name] = [serverUrl(VARIABLES.mariadb), uniqueName()];
  const url = await createMariaDbDatabase(server, name);
  return { url, drop: () => dropMariaDbDatabase(server, name) };
}

/** The MySQL driver against MariaDB: no MySQL is started. */
export async function testMysql(): Promise<TestPlace> {
  const { url, drop } = await testMariaDb();
  return { url: url.replace(/^mariadb:/, 'mysql:'), drop };
}

export function testDatabase(kind: DatabaseKind): Promise<TestPlace> {
  switch (kind) {
    case 'sqlite':
      return testSqlite();
    case 'postgresql':
      return testPostgres();
    case 'mariadb':
      return testMariaDb();
    case 'mysql':
      return testMysql();
  }
}

/** RabbitMQ's own default port of the management interface, unless the variable says otherwise. */
function managementUrl(amqpUrl: string): string {
  const set = process.env[VARIABLES.amqpManagement];
  if (set) return set;
  const { username, password, hostname } = new URL(amqpUrl);
  return `http://${username}:${password}@${hostname}:15672`;
}

/** The management interface of the server behind `testAmqp`, with a user who may do everything. */
export const testAmqpManagementUrl = (): string => managementUrl(serverUrl(VARIABLES.amqp));

export async function testAmqp(): Promise<TestPlace> {
  const [server, name] = [serverUrl(VARIABLES.amqp), uniqueName()];
  const management = managementUrl(server);
  await createVhost(management, name);
  return { url: vhostUrl(server, name), drop: () => deleteVhost(management, name) };
}

export async function testRedis(): Promise<TestPlace> {
  const url = await nextRedisDatabase(serverUrl(VARIABLES.redis));
  return { url, drop: () => flushRedisDatabase(url) };
}
