// What a test and the office that it has laid a trap for say to each other.
import type { Moment } from '../../mixins/moments.ts';

/** Variable that names the folder. */
export const TRAP_FOLDER = 'BRANCHLINE_TEST_TRAP_FOLDER';
export const TRAP_FILE = 'trap.json';
export const SPRUNG_FILE = 'sprung.json';

export interface TrapSet {
  readonly moment: Moment;
  /** How often the moment must come: 1 for the first time. */
  readonly pass: number;
}

export interface Sprung extends TrapSet {
  readonly pid: number;
}
