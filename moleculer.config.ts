import { randomUUID } from 'node:crypto';
import type { BrokerOptions, ServiceBroker } from 'moleculer';
import type { OfficeConfig } from './mixins/config.ts';
import { JournalLogger } from './mixins/journal.ts';
import { toMoleculerError } from './services/moleculer-error.ts';

/** Another node may go with a call; actions that may take longer say so themselves. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Moleculer tells every step of every start as `info`; of its own parts only warnings are heard, unless asked. What
 * keeps its broker from starting is thrown as well, and told by whoever catches it.
 */
function levels(logLevel: OfficeConfig['logLevel']): string | Record<string, string> {
  return logLevel === 'info' || logLevel === 'warn'
    ? { OFFICE: logLevel, HTTP: logLevel, RESOLVER: logLevel, BROKER: 'fatal', '**': 'warn' }
    : logLevel;
}

/** Types of parameters. A field that is asked for by its value is of none of these, and may be null. */
const NEVER_NULL = ['string', 'number', 'boolean', 'enum', 'uuid', 'object', 'array'];

/**
 * The broker of one office. Each office is a namespace of its own: a branch cannot call the head's actions, even
 * in one process or over one transporter.
 */
export function brokerOptions({ office, logLevel, transporter }: OfficeConfig): BrokerOptions {
  let calls = 0;
  return {
    namespace: office,
    // Every container has a process 1, and Moleculer ends a node whose name is taken.
    nodeID: transporter === null ? office : `${office}-${randomUUID()}`,
    transporter: transporter === null ? null : transporterOptions(transporter),
    logger: new JournalLogger({ office, level: levels(logLevel) }),
    // Of a call in this process nobody looks up the id; a UUID would cost more than all the rest of it.
    ...(transporter === null ? { uidGenerator: () => String(++calls) } : {}),
    // In one process no answer gets lost.
    requestTimeout: transporter === null ? 0 : REQUEST_TIMEOUT_MS,
    errorHandler: (error: Error) => {
      throw toMoleculerError(error);
    },
    created: doNotWaitForTransporter,
    skipProcessEventRegistration: true,
    dependencyInterval: 10,
    transit: { serviceChangedDebounceTime: 0 },
    registry: { stopDelay: 0 },
    metrics: false,
    tracing: false,
    validator: {
      type: 'Fastest',
      options: {
        messages: { enumValue: "The '{field}' field must be one of {expected}." },
        considerNullAsAValue: true, // or an optional parameter may be null, which no action expects
        defaults: Object.fromEntries(NEVER_NULL.map((type) => [type, { nullable: false }])),
      },
    },
  } as unknown as BrokerOptions;
}

/** Without a prefetch and with Nagle's algorithm an AMQP transporter carries a hundredth of the calls. */
function transporterOptions(url: string): object | string {
  if (!/^amqps?:/.test(url)) return url;
  return { type: 'AMQP', options: { url, prefetch: 100, socketOptions: { noDelay: true } } };
}

/** An office sells whatever is away. Moleculer would start no service before its transporter answers; it goes on trying. */
function doNotWaitForTransporter({ transit }: ServiceBroker): void {
  if (!transit) return;
  const connect = transit.connect.bind(transit);
  transit.connect = () => {
    void connect();
    return Promise.resolve();
  };
}
