import type { BrokerRights } from '../mixins/link/amqp-rights.ts';

/**
 * What an administrator of RabbitMQ types to give an office a user of its own. The password is asked for, so that it
 * stands in no history. Topics come first: without them, the rest lets a branch speak for every office.
 */
export function brokerCommands(user: string, vhost: string, rights: BrokerRights): string[] {
  const { configure, write, read, topic } = rights;
  const into = `--vhost ${shellWord(vhost)} ${user}`;
  const topics = topic
    ? [`rabbitmqctl set_topic_permissions ${into} ${topic.exchange} ${quotedAll(topic.write, topic.read)}`]
    : [];
  return [
    `rabbitmqctl add_user ${user}`,
    ...topics,
    `rabbitmqctl set_permissions ${into} ${quotedAll(configure, write, read)}`,
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const quotedAll = (...texts: string[]): string => texts.map(quoted).join(' ');
const shellWord = (text: string): string => (/^[\w./-]+$/.test(text) ? text : quoted(text));
