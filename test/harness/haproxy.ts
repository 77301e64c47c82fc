import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { makeFolder } from './folder.ts';
import { installMissing } from './installation.ts';
import { ordinaryUser } from './ordinary-user.ts';
import { freePort } from './ports.ts';
import { program } from './programs.ts';
import { type Server, startServer } from './server.ts';

/** The configuration that we ship: what is tested is what runs. */
const CONFIGURATION = fileURLToPath(new URL('../../deploy/haproxy/haproxy.cfg', import.meta.url));

function probe(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1', resolve);
  socket.on('error', reject);
  return promise.finally(() => socket.destroy());
}

/** HAProxy in front of three brokers; its url is that of the first, at its own port. */
export async function startHaProxy(brokerUrls: readonly string[]): Promise<Server> {
  await installMissing([{ variable: 'none', debianPackage: 'haproxy', programs: ['haproxy'] }]);
  const user = ordinaryUser('haproxy');
  const port = await freePort();
  const url = new URL(brokerUrls[0]!);
  url.port = String(port);
  const places = brokerUrls.map((broker, i) => [`RABBITMQ_${i + 1}`, new URL(broker).host] as const);
  return startServer({
    name: 'HAProxy',
    url: url.href,
    folder: await makeFolder('haproxy', user),
    command: program('haproxy'),
    args: ['-db', '-f', CONFIGURATION],
    env: { ...Object.fromEntries(places), AMQP_BIND: `127.0.0.1:${port}` },
    user,
    initialise: () => Promise.resolve(),
    deleteData: () => Promise.resolve(),
    probe: () => probe(port),
  });
}
