// Virtual hosts through RabbitMQ's management interface: milliseconds, where rabbitmqctl takes seconds.
import { VARIABLES } from './environment.ts';

async function request(managementUrl: string, method: string, path: string, body?: object): Promise<string> {
  const url = new URL(managementUrl);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const answer = await fetch(`${url.origin}/api/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(15_000),
  }).catch((cause: unknown) => {
    const advice = `if it is elsewhere, set ${VARIABLES.amqpManagement}`;
    throw new Error(`RabbitMQ's management interface at ${url.origin} does not answer; ${advice}`, { cause });
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`RabbitMQ: ${method} ${path} answered ${answer.status}: ${text}`);
  return text;
}

export function vhostUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** Creates a virtual host, open to the user of `managementUrl`. */
export async function createVhost(managementUrl: string, name: string): Promise<void> {
  const user = new URL(managementUrl).username;
  const vhost = encodeURIComponent(name);
  await request(managementUrl, 'PUT', `vhosts/${vhost}`, {});
  await request(managementUrl, 'PUT', `permissions/${vhost}/${user}`, {
    configure: '.*',
    write: '.*',
    read: '.*',
  });
}

/** Messages in the queues of a virtual host, handed out or not, by the queue's name. */
export async function messagesIn(
  managementUrl: string,
  vhostUrl: string,
): Promise<ReadonlyMap<string, number>> {
  const path = `queues/${new URL(vhostUrl).pathname.slice(1)}?disable_stats=true&enable_queue_totals=true`;
  const queues = JSON.parse(await request(managementUrl, 'GET', path)) as {
    readonly name: string;
    readonly messages?: number;
  }[];
  return new Map(queues.map(({ name, messages = 0 }) => [name, messages]));
}

export async function deleteVhost(managementUrl: string, name: string): Promise<void> {
  await request(managementUrl, 'DELETE', `vhosts/${encodeURIComponent(name)}`);
}

export async function deleteUser(managementUrl: string, name: string): Promise<void> {
  await request(managementUrl, 'DELETE', `users/${encodeURIComponent(name)}`);
}
