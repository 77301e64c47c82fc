import type { Prng } from './prng.ts';
import type { Place, StoreFault, StoreWeather } from './memory-store.ts';
import type { World } from './world.ts';

/** How often a database misbehaves, and how slow it is. */
export interface DatabaseTemper {
  again: number;
  unknownCommit: number;
  /** Longest pauses. */
  readMs: number;
  commitMs: number;
}

/** The weather over one office's database. */
export class SiteWeather implements StoreWeather {
  awayUntilMs = 0;
  fullUntilMs = 0;
  /** When it last did not do what it was asked. */
  faultAtMs = 0;
  onPass: (place: Place) => void = () => {};
  readonly temper: DatabaseTemper;
  readonly #world: World;
  readonly #chance: Prng;

  constructor(world: World, name: string, temper: DatabaseTemper) {
    this.#world = world;
    this.temper = temper;
    this.#chance = world.chance(`database ${name}`);
  }

  get isAway(): boolean {
    return this.#world.nowMs < this.awayUntilMs;
  }

  get isFull(): boolean {
    return this.#world.nowMs < this.fullUntilMs;
  }

  passes(place: Place): void {
    this.onPass(place);
  }

  pause(place: Place): Promise<void> | null {
    const { readMs, commitMs } = this.temper;
    const longestMs = place === 'read' || place === 'begin' ? readMs : commitMs;
    if (longestMs === 0 || this.#chance.chance(0.5)) return null;
    return this.#world.pause(this.#chance.between(0, longestMs));
  }

  fault(place: 'read' | 'begin' | 'commit'): StoreFault | null {
    const fault = this.#faultAt(place);
    if (fault !== null) this.faultAtMs = this.#world.nowMs;
    return fault;
  }

  #faultAt(place: 'read' | 'begin' | 'commit'): StoreFault | null {
    if (this.isAway) return this.#faultWhileAway(place);
    if (place !== 'commit') return null;
    if (this.isFull) return 'full';
    if (this.#chance.chance(this.temper.again)) return 'again';
    if (!this.#chance.chance(this.temper.unknownCommit)) return null;
    return this.#chance.chance(0.5) ? 'unknown-committed' : 'unknown-lost';
  }

  /** It goes away in the middle of things. */
  #faultWhileAway(place: 'read' | 'begin' | 'commit'): StoreFault {
    if (place !== 'commit') return 'unavailable';
    return this.#chance.chance(0.5) ? 'unknown-committed' : 'unknown-lost';
  }
}
