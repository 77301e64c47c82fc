import { feedName, UP } from '../sim-broker.ts';
import type { BrokerWeather } from '../sim-broker.ts';
import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';
import { type Fault, MINUTE_MS } from './fault.ts';

/** What the broker does, or suffers. */
export const BROKER_FAULTS: readonly Fault[] = [
  { name: 'broker-restart', meanMs: 6 * MINUTE_MS, hits: 'all', strike: restartAs('restarted') },
  { name: 'broker-wipe', meanMs: 8 * MINUTE_MS, hits: 'all', strike: restartAs('wiped') },
  { name: 'broker-power-loss', meanMs: 8 * MINUTE_MS, hits: 'all', strike: restartAs('dark') },
  { name: 'broker-blocked', meanMs: 6 * MINUTE_MS, hits: 'all', strike: block },
  { name: 'messages-lost', meanMs: 5 * MINUTE_MS, hits: 'all', strike: weather('confirmedThenLost') },
  { name: 'messages-doubled', meanMs: 5 * MINUTE_MS, hits: 'all', strike: weather('doubled') },
  // As through two connections: what was sent first comes last, perhaps into another session.
  { name: 'messages-late', meanMs: 5 * MINUTE_MS, hits: 'all', strike: weather('late') },
  { name: 'messages-corrupted', meanMs: 5 * MINUTE_MS, hits: 'all', strike: weather('corrupted') },
  { name: 'batches-tampered', meanMs: 8 * MINUTE_MS, hits: 'all', strike: weather('tampered') },
  { name: 'queue-overflow', meanMs: 3 * MINUTE_MS, hits: 'branch', strike: boundFeed },
  { name: 'queue-deleted', meanMs: 8 * MINUTE_MS, hits: 'branch', strike: deleteFeed },
  { name: 'up-queue-deleted', meanMs: 12 * MINUTE_MS, hits: 'head', strike: deleteUp },
];

function restartAs(how: 'restarted' | 'wiped' | 'dark'): Fault['strike'] {
  return ({ broker }, chance) => {
    if (!broker.isUp) return false;
    broker.restart(chance.exponential(10_000), how);
    return true;
  };
}

/** A memory alarm: it takes nothing from anybody, and says so; what it has it still hands out. */
function block({ broker }: Scene, chance: Prng): boolean {
  if (broker.isBlocked) return false;
  broker.block(chance.exponential(60_000));
  return true;
}

function weather(what: keyof BrokerWeather): Fault['strike'] {
  return (scene, chance) => {
    scene.broker.weather[what] = chance.between(0.01, 0.3);
    scene.later(chance.exponential(30_000), () => (scene.broker.weather[what] = 0));
    return true;
  };
}

/** The branch's feed queue has room for a few messages only, and drops the oldest of them. */
function boundFeed(scene: Scene, chance: Prng, { office }: Site): boolean {
  const { broker } = scene;
  broker.boundFeed(office, chance.int(0, 3));
  scene.later(chance.exponential(60_000), () => broker.boundFeed(office, Infinity));
  return true;
}

function deleteFeed({ broker }: Scene, _chance: Prng, { office }: Site): boolean {
  return broker.deleteQueue(feedName(office));
}

function deleteUp({ broker }: Scene): boolean {
  return broker.deleteQueue(UP);
}
