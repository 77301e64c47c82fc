import type { OfficeState } from '../office-state.ts';
import type { Prng } from '../prng.ts';
import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  /** Between two of them, on the average, in a seed that has it at its usual rate. */
  readonly meanMs: number;
  /** Whom it hits; `all` for what they have in common. */
  readonly hits: 'branch' | 'head' | 'office' | 'all';
  /** States in which nothing can come of it, by construction, and why. */
  readonly never?: Partial<Record<OfficeState, string>>;
  /** Gives false when there was nothing to break. */
  readonly strike: (scene: Scene, chance: Prng, site: Site) => boolean;
}

export const MINUTE_MS = 60_000;

/** A process that is not there can do nothing, and nothing can be done to it. */
export const NEEDS_PROCESS = {
  down: 'there is no process',
  'head-down': 'there is no process',
} as const;

/** The same of one that has not come up. */
export const NEEDS_OFFICE = {
  ...NEEDS_PROCESS,
  starting: 'the process is not ready for it',
  'head-starting': 'the process is not ready for it',
} as const;
