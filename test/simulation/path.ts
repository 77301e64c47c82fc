import type { Prng } from './prng.ts';
import type { World } from './world.ts';

/** The way from an office to the broker: how slow it is, and whether it is there. */
export interface Path {
  minMs: number;
  maxMs: number;
  /** Connections break and cannot be made. */
  isCut: boolean;
  /** Nothing that the office sends gets through, and nobody is told until the heartbeat is missed. */
  isMute: boolean;
  /** The same of what it is sent. */
  isDeaf: boolean;
  /** What it carries in each direction. */
  bytesPerMs: number;
}

/** Something gets lost on it without a word. */
export function isSilent({ isMute, isDeaf }: Path): boolean {
  return isMute || isDeaf;
}

/** One direction of a connection: what is sent first arrives first, and takes its time. */
export class Way {
  readonly #world: World;
  readonly #chance: Prng;
  readonly #path: Path;
  #lastMs = 0;

  constructor(world: World, chance: Prng, path: Path) {
    this.#world = world;
    this.#chance = chance;
    this.#path = path;
  }

  /** How long so many bytes take from now. */
  take(bytes: number): number {
    const { minMs, maxMs, bytesPerMs } = this.#path;
    const arrivesMs = this.#world.nowMs + this.#chance.between(minMs, maxMs);
    this.#lastMs = Math.max(this.#lastMs + 0.01, arrivesMs) + bytes / bytesPerMs;
    return this.#lastMs - this.#world.nowMs;
  }

  /** What was under way goes with the connection. */
  clear(): void {
    this.#lastMs = 0;
  }
}
