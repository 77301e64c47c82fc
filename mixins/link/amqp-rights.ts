import type { OfficeId } from '../../domain/event.ts';
import { assertRoutable } from './streams.ts';
import { controlQueue, feedQueue, UP_EXCHANGE } from './amqp-topology.ts';

/**
 * What a user of the broker needs and no more, as RabbitMQ's regular expressions over the names of queues and
 * exchanges. If the topology changes, this changes with it.
 */
export interface BrokerRights {
  /** What may be declared and deleted. */
  readonly configure: string;
  /** What may be published to, and what may be bound. */
  readonly write: string;
  /** What may be consumed, and what may be bound to. */
  readonly read: string;
  /** Further: which routing keys of one exchange. */
  readonly topic?: { readonly exchange: string; readonly write: string; readonly read: string };
}

const NOTHING = '^$';
const literal = (name: string): string => name.replaceAll('.', '\\.');
const oneOf = (...patterns: string[]): string => `^(${patterns.join('|')})$`;
const exactly = (name: string): string => `^${literal(name)}$`;

/**
 * A branch speaks in its own name only, which the topic says: its routing key is what the head takes for the
 * sender. It hears its own answers and its own feed, and makes nothing. Throws `invalid-office-id`.
 */
export function branchRights(office: OfficeId): BrokerRights {
  assertRoutable(office);
  const ownProcess = '(\\.[\\w-]+)?';
  return {
    configure: NOTHING,
    write: exactly(UP_EXCHANGE),
    read: oneOf(literal(feedQueue(office)), literal(controlQueue(office)) + ownProcess),
    topic: { exchange: UP_EXCHANGE, write: `^${office}$`, read: NOTHING },
  };
}

/** The head makes and binds everything, and reads nobody's feed or answers. `doctor`: what `branchline doctor` tries. */
export function headRights(): BrokerRights {
  const [own, ofBranches] = ['branchline\\.(up|up\\..+|down|control)', 'branchline\\.(feed|control)\\..+'];
  return {
    configure: oneOf(own, ofBranches, 'branchline\\.doctor\\..+'),
    write: oneOf(own, ofBranches),
    read: `^${own}$`,
  };
}
