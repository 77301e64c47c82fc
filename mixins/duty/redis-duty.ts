import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Duty } from './duty.ts';

const HOLD_MS = 5_000;
const ANSWER_MS = 500;

/** Keeps the key of whoever holds it, takes one that nobody holds: 1 when it is ours afterwards. */
const TAKE = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
  if redis.call('set', KEYS[1], ARGV[1], 'nx', 'px', ARGV[2]) then return 1 end
  return 0`;
const GIVE_BACK = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

export interface RedisDutyOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** The office and what is to be done: `head:feed`. */
  readonly name: string;
}

/** A duty shared through Redis. While Redis is away every node does it. */
export function createRedisDuty({ url, name }: RedisDutyOptions): Duty {
  return new RedisDuty(url, `branchline:duty:${name}`);
}

class RedisDuty implements Duty {
  readonly #key: string;
  readonly #node = randomUUID();
  readonly #redis: Redis;
  readonly #heard: Redis;
  readonly #listeners: (() => void)[] = [];

  constructor(url: string, key: string) {
    this.#key = key;
    this.#redis = connection(url);
    this.#heard = connection(url);
    this.#heard.on('ready', () => void this.#heard.subscribe(key).catch(ignore));
    this.#heard.on('message', (_, from) => {
      if (from !== this.#node) this.#listeners.forEach((listener) => listener());
    });
  }

  async isMine(): Promise<boolean> {
    try {
      return (await this.#redis.eval(TAKE, 1, this.#key, this.#node, HOLD_MS)) === 1;
    } catch {
      return true;
    }
  }

  announce(): void {
    this.#redis.publish(this.#key, this.#node).catch(ignore);
  }

  onAnnounced(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    await this.#redis.eval(GIVE_BACK, 1, this.#key, this.#node).catch(ignore);
    this.#redis.disconnect();
    this.#heard.disconnect();
  }
}

function connection(url: string): Redis {
  const redis = new Redis(url, {
    commandTimeout: ANSWER_MS,
    connectTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResubscribe: false,
    retryStrategy: (attempt) => Math.min(attempt * 200, 5_000),
  });
  redis.on('error', ignore); // nothing depends on it; doctor says when it is away
  return redis;
}

/** Everything works without Redis. */
function ignore(): void {}
