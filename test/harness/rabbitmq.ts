import { startEpmd } from './epmd.ts';
import { findPlace, type RabbitMqServer, share, startNode } from './rabbitmq-node.ts';

export type { RabbitMqServer } from './rabbitmq-node.ts';

const PLUGINS = ['rabbitmq_consistent_hash_exchange', 'rabbitmq_management'];

/** A private RabbitMQ node on 127.0.0.1, with a port mapper of its own. */
export async function startRabbitMq(plugins: readonly string[] = PLUGINS): Promise<RabbitMqServer> {
  const place = await findPlace(await share());
  const epmd = startEpmd(place.epmdPort, place.user);
  return startNode(place, { plugins, onRemove: () => epmd.stop() });
}

/** Three nodes that keep replicated queues together; each can be killed and restarted by itself. */
export async function startRabbitMqCluster(): Promise<readonly RabbitMqServer[]> {
  const shared = await share();
  const cluster = [await findPlace(shared), await findPlace(shared), await findPlace(shared)];
  const epmd = startEpmd(shared.epmdPort, shared.user);
  let left = cluster.length;
  const onRemove = async (): Promise<void> => {
    left -= 1;
    if (left === 0) await epmd.stop();
  };
  const start = (place: (typeof cluster)[number]): Promise<RabbitMqServer> =>
    startNode(place, { plugins: PLUGINS, cluster, onRemove });
  // The first one alone: whoever comes while a cluster is being made may make another one.
  const first = await start(cluster[0]!);
  try {
    return [first, ...(await Promise.all(cluster.slice(1).map(start)))];
  } catch (error) {
    await first.remove();
    throw error;
  }
}
