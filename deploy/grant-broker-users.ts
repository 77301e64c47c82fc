// Gives each office a user of its own at the broker, through RabbitMQ's management interface. Repeatable.
//   BROKER_URL=http://ADMIN:PASSWORD@HOST:15672 HEAD_PASSWORD=... EAST_PASSWORD=... \
//     node deploy/grant-broker-users.js VHOST head east ...
// The first office is the head. The virtual host must exist.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrokerRights, branchRights, headRights } from '../mixins/link/amqp-rights.ts';

const WAIT_MS = 10_000;

export interface BrokerUser {
  readonly name: string;
  readonly password: string;
  readonly rights: BrokerRights;
}

/** Makes the user, or gives it this password and exactly these rights. Throws an Error without secrets. */
export async function grant(managementUrl: string, vhost: string, user: BrokerUser): Promise<void> {
  const { configure, write, read, topic } = user.rights;
  const place = `${encodeURIComponent(vhost)}/${encodeURIComponent(user.name)}`;
  const put = (path: string, body: object): Promise<void> => request(managementUrl, path, body);
  await put(`users/${encodeURIComponent(user.name)}`, { password: user.password, tags: '' });
  // The narrower first: without it, the wider ones let a user publish under every key.
  if (topic) await put(`topic-permissions/${place}`, topic);
  await put(`permissions/${place}`, { configure, write, read });
}

async function request(managementUrl: string, path: string, body: object): Promise<void> {
  const { origin, username, password } = new URL(managementUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const answer = await fetch(`${origin}/api/${path}`, {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(WAIT_MS),
  });
  if (!answer.ok) throw new Error(`The broker answered ${answer.status} to ${path}: ${await answer.text()}`);
}

function needed(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(`${variable} is not set`);
}

const passwordOf = (office: string): string =>
  needed(`${office.toUpperCase().replaceAll('-', '_')}_PASSWORD`);

async function main([vhost, ...offices]: string[]): Promise<void> {
  if (!vhost || offices.length === 0)
    throw new Error('usage: node deploy/grant-broker-users.js VHOST HEAD BRANCH ...');
  for (const [place, office] of offices.entries()) {
    const rights = place === 0 ? headRights() : branchRights(office);
    await grant(needed('BROKER_URL'), vhost, { name: office, password: passwordOf(office), rights });
    console.log(`${office}: may use ${vhost} as ${place === 0 ? 'the head' : 'a branch'}`);
  }
}

/** A broker that cannot be reached says so only in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(reasonOf(error));
    process.exitCode = 1;
  });
