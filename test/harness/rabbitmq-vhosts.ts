// Virtual hosts through RabbitMQ's management interface: milliseconds, where rabbitmqctl takes seconds.
import { VARIABLES } from './environment.ts';

async function request(managementUrl: string, method: string, path: string, body?: object): Promise<void> {
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
  if (!answer.ok)
    throw new Error(`RabbitMQ: ${method} ${path} answered ${answer.status}: ${await answer.text()}`);
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

export async function deleteVhost(managementUrl: string, name: string): Promise<void> {
  await request(managementUrl, 'DELETE', `vhosts/${encodeURIComponent(name)}`);
}

export async function deleteUser(managementUrl: string, name: string): Promise<void> {
  await request(managementUrl, 'DELETE', `users/${encodeURIComponent(name)}`);
}
