import type { Channel } from 'amqplib';
import { DomainError } from '../../domain/errors.ts';
import { ALL_STREAM, SHARED_SCOPE, type OfficeId } from '../../domain/event.ts';
import type { Subscription } from '../../domain/sync/messages.ts';
import { streamsOf } from './streams.ts';

/**
 * Every exchange, queue and binding of the link, all declared by the head:
 *
 *   branch --> branchline.up --> queue branchline.up                          (one partition)
 *                            --> branchline.up.partitions --> branchline.up.1 ... k
 *   head --> branchline.down ------> branchline.feed.<office>      by <stream>.head
 *   head --> branchline.control ---> branchline.control.<office>[.<instance>]   by <office>[.<instance>]
 *                                    (or ...-2, ...-3, while the node that keeps it is down)
 *
 * Arguments are part of a queue's identity: if you change one, brokers that have the queue refuse the
 * declaration (`declaration-refused`) until the queue is deleted, which loses nothing.
 */

export const UP_EXCHANGE = 'branchline.up';
export const DOWN_EXCHANGE = 'branchline.down';
export const CONTROL_EXCHANGE = 'branchline.control';
const PARTITION_EXCHANGE = 'branchline.up.partitions';

export const MAX_PARTITIONS = 64;
const MIB = 1024 * 1024;
export interface QueueLimits {
  readonly upQueueBytes: number;
  readonly feedQueueBytes: number;
}

export const QUEUE_LIMITS: QueueLimits = { upQueueBytes: 512 * MIB, feedQueueBytes: 64 * MIB };
const CONTROL_QUEUE_BYTES = 16 * MIB;
/** An unused control queue is deleted by the broker: it holds nothing that outlives a session. */
const CONTROL_UNUSED_MS = 5 * 60 * 1000;
/**
 * What branches have sent survives the loss of a broker's node. RabbitMQ 4 drops a message of a quorum queue
 * after 20 deliveries unless told otherwise.
 */
const quorum = (maxBytes: number): Record<string, unknown> => ({
  'x-queue-type': 'quorum',
  'x-delivery-limit': 1_000_000,
  'x-max-length-bytes': maxBytes,
  'x-overflow': 'reject-publish',
});

/**
 * What goes to branches is made again from the log. Classic queues keep one copy of a run of `shared` for all
 * of them, and one that is in trouble never holds up the head, as a quorum queue without a leader does.
 */
const classic = (maxBytes: number): Record<string, unknown> => ({
  'x-queue-type': 'classic',
  'x-max-length-bytes': maxBytes,
  'x-overflow': 'drop-head',
});

const EVERYTHING = '#';
/** The head's pen: the author part of every routing key of the feed. */
const AUTHOR = 'head';

export interface Declaration {
  readonly what: string;
  run(channel: Channel): Promise<unknown>;
  /** What belongs to it, and is made after it. */
  readonly parts?: readonly Declaration[];
  /** What is made instead when the node of the cluster that keeps it is down: nobody can even delete it then. */
  readonly elsewhere?: readonly Declaration[];
}

export const feedQueue = (office: OfficeId): string => `branchline.feed.${office}`;
export const controlKey = (office: OfficeId, instance?: string): string =>
  instance === undefined ? office : `${office}.${instance}`;
export const controlQueue = (office: OfficeId, instance?: string): string =>
  `branchline.control.${controlKey(office, instance)}`;
/** A classic queue is away with its node of a cluster: answers then take the next name. */
export function controlQueues(office: OfficeId, instance?: string): [string, string, string] {
  const name = controlQueue(office, instance);
  return [name, `${name}-2`, `${name}-3`];
}
export const feedKey = (stream: string): string => `${stream}.${AUTHOR}`;

export function upQueues(partitions: number): string[] {
  return partitions === 1
    ? [UP_EXCHANGE]
    : Array.from({ length: partitions }, (_, i) => `${UP_EXCHANGE}.${i + 1}`);
}

export function assertPartitions(partitions: number): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= MAX_PARTITIONS) return;
  throw new DomainError('invalid-partitions', `The head's queue cannot have ${partitions} partitions`, {
    expected: `1 to ${MAX_PARTITIONS}`,
    actual: partitions,
  });
}

const exchange = (name: string, type: string): Declaration => ({
  what: `exchange ${name}`,
  run: (channel) => channel.assertExchange(name, type, { durable: true }),
});

const queue = (name: string, args: Record<string, unknown>): Declaration => ({
  what: `queue ${name}`,
  run: (channel) => channel.assertQueue(name, { durable: true, arguments: args }),
});

const bind = (name: string, source: string, key: string): Declaration => ({
  what: `binding of ${name} to ${source} by ${key}`,
  run: (channel) => channel.bindQueue(name, source, key),
});

const unbind = (name: string, source: string, key: string): Declaration => ({
  what: `unbinding of ${name} from ${source} by ${key}`,
  run: (channel) => channel.unbindQueue(name, source, key),
});

export const removal = (name: string): Declaration => ({
  what: `queue ${name}`,
  run: (channel) => channel.deleteQueue(name),
});

/** What the head itself needs. Queues come before the exchange that branches wait for. */
export function headDeclarations(partitions: number, { upQueueBytes }: QueueLimits): Declaration[] {
  const upQueue = (name: string): Declaration =>
    queue(name, { ...quorum(upQueueBytes), 'x-single-active-consumer': true });
  return [
    exchange(DOWN_EXCHANGE, 'topic'),
    exchange(CONTROL_EXCHANGE, 'direct'),
    ...upQueues(partitions).map(upQueue),
    ...(partitions === 1 ? wholeUp() : partitionedUp(partitions)),
  ];
}

/** Queues of another number of partitions would take messages that nobody reads. */
function wholeUp(): Declaration[] {
  const { what } = exchange(PARTITION_EXCHANGE, '');
  return [
    exchange(UP_EXCHANGE, 'topic'),
    bind(UP_EXCHANGE, UP_EXCHANGE, EVERYTHING),
    { what, run: (channel) => channel.deleteExchange(PARTITION_EXCHANGE) },
    ...partitionsBeyond(0).map(removal),
  ];
}

function partitionedUp(partitions: number): Declaration[] {
  const hashed = `exchange ${PARTITION_EXCHANGE} (the broker's plugin rabbitmq_consistent_hash_exchange)`;
  const weight = '1';
  return [
    { ...exchange(PARTITION_EXCHANGE, 'x-consistent-hash'), what: hashed },
    ...upQueues(partitions).map((name) => bind(name, PARTITION_EXCHANGE, weight)),
    exchange(UP_EXCHANGE, 'topic'),
    {
      what: `binding of ${PARTITION_EXCHANGE} to ${UP_EXCHANGE}`,
      run: (channel) => channel.bindExchange(PARTITION_EXCHANGE, UP_EXCHANGE, EVERYTHING),
    },
    ...[UP_EXCHANGE, ...partitionsBeyond(partitions)].map(removal),
  ];
}

function partitionsBeyond(partitions: number): string[] {
  return upQueues(MAX_PARTITIONS).slice(partitions);
}

/** What answers need, also those to an office that the head does not know. */
export function controlDeclarations(office: OfficeId, instance?: string): Declaration[] {
  const args = { ...classic(CONTROL_QUEUE_BYTES), 'x-expires': CONTROL_UNUSED_MS };
  const made = (name: string): Declaration => ({
    ...queue(name, args),
    parts: [bind(name, CONTROL_EXCHANGE, controlKey(office, instance))],
  });
  return controlQueues(office, instance).reduceRight<Declaration[]>(
    (elsewhere, name) => [{ ...made(name), elsewhere }],
    [],
  );
}

export function feedDeclarations(
  office: OfficeId,
  subscribe: Subscription,
  { feedQueueBytes }: QueueLimits,
): Declaration[] {
  const name = feedQueue(office);
  const wanted = streamsOf(office, subscribe);
  const unwanted = [ALL_STREAM, office, SHARED_SCOPE].filter((stream) => !wanted.includes(stream));
  const parts = [
    ...wanted.map((stream) => bind(name, DOWN_EXCHANGE, feedKey(stream))),
    ...unwanted.map((stream) => unbind(name, DOWN_EXCHANGE, feedKey(stream))),
  ];
  return [{ ...queue(name, classic(feedQueueBytes)), parts }]; // while it is away, the branch asks for its feed
}

export function branchRemovals(office: OfficeId): Declaration[] {
  return [removal(feedQueue(office)), removal(controlQueue(office))];
}
