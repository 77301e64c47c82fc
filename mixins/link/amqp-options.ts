import { unescape } from 'node:querystring';
import type { ConnectionOptions } from 'node:tls';
import type { Options } from 'amqplib';
import { DomainError } from '../../domain/errors.ts';
import type { BackoffOptions } from './backoff.ts';

export interface AmqpOptions {
  /** `amqp://` or `amqps://`, with user, password and virtual host. Never logged. */
  readonly url: string;
  /** For `amqps://`: `ca`, `cert`, `key`, `passphrase`, `servername`, `rejectUnauthorized`. */
  readonly tls?: ConnectionOptions;
  /** A dead line is noticed after two to three of these. */
  readonly heartbeatSeconds?: number;
  readonly connectMs?: number;
  /** How long a message may go without the broker's answer, e.g. because the broker is blocked. */
  readonly confirmMs?: number;
  /** How long the broker may take to let a queue be consumed. */
  readonly answerMs?: number;
  /** How long `stop` waits for what is under way. */
  readonly stopMs?: number;
  readonly backoff?: BackoffOptions;
  /** First pause before a message whose handler failed is handled again. */
  readonly retryMs?: number;
}

export type Settings = Required<Omit<AmqpOptions, 'url' | 'tls'>> & {
  readonly server: Options.Connect;
  readonly tls: ConnectionOptions;
  /** Text about the connection that is fit for people and logs. */
  describe(error: unknown): string;
};

const DEFAULTS = {
  heartbeatSeconds: 15,
  connectMs: 10_000,
  confirmMs: 15_000,
  answerMs: 10_000,
  stopMs: 5_000,
  retryMs: 500,
  backoff: { firstMs: 200, longestMs: 8_000 },
} as const;

/** Throws `invalid-link-url`, without the url: it holds a password. */
export function amqpSettings(options: AmqpOptions): Settings {
  const url = parse(options.url);
  const heartbeatSeconds = options.heartbeatSeconds ?? DEFAULTS.heartbeatSeconds;
  return {
    ...DEFAULTS,
    ...options,
    heartbeatSeconds,
    tls: options.tls ?? {},
    server: serverOf(url, heartbeatSeconds),
    describe: (error) => withoutSecrets(explained(textOf(error), url), url),
  };
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && url.hostname !== '' && ['amqp:', 'amqps:'].includes(url.protocol)) return url;
  throw new DomainError(
    'invalid-link-url',
    'The link needs a url like amqps://user:password@host:5671/vhost',
    {
      expected: 'amqp:// or amqps://',
      actual: url?.protocol ?? 'no url',
    },
  );
}

/** Taken apart here, because amqplib reads a percent-encoded password as Latin-1. */
function serverOf(url: URL, heartbeat: number): Options.Connect {
  const protocol = url.protocol.slice(0, -1);
  const credentials = url.username + url.password === '' ? 'guest:guest' : `${url.username}:${url.password}`;
  const [username = '', password = ''] = credentials.split(':').map(decodeURIComponent);
  return {
    protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (protocol === 'amqps' ? 5671 : 5672),
    username,
    password,
    vhost: url.pathname.slice(1), // still encoded, as amqplib expects it
    heartbeat,
  };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error.message || ((error as { code?: string }).code ?? error.name);
}

function withoutSecrets(text: string, url: URL): string {
  const secrets = [url.password, decodeURIComponent(url.password)].filter((secret) => secret.length > 3);
  return secrets
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
    .replace(/\/\/[^/@\s]+@/g, '//***@');
}

/**
 * Says what others leave out: amqplib, that a virtual host was refused; a broker, what would make it know a type
 * of exchange.
 */
function explained(text: string, { pathname, username }: URL): string {
  if (text.includes('Expected ConnectionOpenOk')) {
    const [vhost, user] = [unescape(pathname.slice(1)) || '/', decodeURIComponent(username) || 'guest'];
    return `The virtual host "${vhost}" does not exist, or user "${user}" has no rights in it`;
  }
  if (!text.includes("unknown exchange type 'x-consistent-hash'")) return text;
  return `${text}. HEAD_PARTITIONS needs the broker's plugin: rabbitmq-plugins enable rabbitmq_consistent_hash_exchange`;
}
