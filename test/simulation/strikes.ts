import { type OfficeState, stateOf } from './office-state.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** What struck, when, and in which states of whom. Strikes have names, so that one can be left out and the rest kept. */
export class Strikes {
  /** How often each fault struck. */
  readonly counts = new Map<string, number>();
  /** The same by the state of the office that was hit: `fault` and state, with a blank between. */
  readonly cells = new Map<string, number>();
  /** Names, in order. */
  readonly names: string[] = [];
  readonly #world: World;
  readonly #only: ReadonlySet<string> | null;

  constructor(world: World, only: readonly string[] | null = null) {
    this.#world = world;
    this.#only = only === null ? null : new Set(only);
  }

  isWanted(name: string): boolean {
    return this.#only === null || this.#only.has(name);
  }

  /** The states of those who are to be hit, as they are before. */
  static statesOf(sites: readonly Site[]): OfficeState[] {
    return sites.map((site) => stateOf(site));
  }

  struck(fault: string, name: string, states: readonly OfficeState[]): void {
    this.#world.say('fault', `STRIKE ${name} in ${states.join(', ')}`);
    this.names.push(name);
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    for (const state of states) {
      const cell = `${fault} ${state}`;
      this.cells.set(cell, (this.cells.get(cell) ?? 0) + 1);
    }
  }
}
