import type { OfficeState } from './office-state.ts';
import type { Habits } from './wishes.ts';

/** What a seed is made of. */
export interface Plan {
  readonly branches: number;
  /** How long things go wrong. */
  readonly faultsMs: number;
  readonly habits: Habits;
  /** Mean interval of each fault that this seed has. */
  readonly faults: ReadonlyMap<string, number>;
  /** Faults that wait for an office to be in a certain state, most of which are soon over. */
  readonly aims: readonly Aim[];
  /** What brings an office into that state, again and again; null where chance does. */
  readonly lead: Aim | null;
  readonly subscribeAll: number;
  readonly manualMode: number;
  /** Share of offices that sync only in their own hours. */
  readonly windows: number;
  /** Whether messages go through the real envelope. */
  readonly isEncoded: boolean;
  /** How many events the head hands out in one answer. */
  readonly pageEvents: number;
  readonly skewMs: number;
  readonly latencyMs: number;
  readonly backupMs: number;
  /** Which programs its offices run. */
  readonly programs: ProgramMix;
  /** null for a few dense minutes; otherwise offices live for weeks or months. */
  readonly season: Season | null;
}

/**
 * `alike`: all run today's. `before-stock`: some run one that keeps no stock. `newer-sales`: the head, and some branches,
 * run one to come that knows sales in a newer version.
 */
export type ProgramMix = 'alike' | 'before-stock' | 'newer-sales';

/** A few dense minutes, weeks and months, or half a year to a whole one. */
export const TEMPI = ['hours', 'seasons', 'years'] as const;
export type Tempo = (typeof TEMPI)[number];

/** How offices live when they live long. */
export interface Season {
  readonly days: number;
  readonly commandsADay: number;
  /** How many times a day somebody works. */
  readonly shifts: number;
  /** Of each office, on the average; at least one. */
  readonly faultsAWeek: number;
  /** Days from one contact of an office to its next, on the average. */
  readonly contactDays: number;
  /** How long a contact may take. */
  readonly contactMs: number;
  /** How far apart the offices' contacts begin. */
  readonly spreadMs: number;
  /** How often an office stays connected after its sync. */
  readonly lingering: number;
  /** Whether there is no way to the broker but in contact. */
  readonly dialsUp: boolean;
}

/** A day is one of an office-year when so many commands of the office were answered on it. */
export const COMMANDS_A_DAY = 10;
export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;

export interface Aim {
  readonly fault: string;
  readonly state: OfficeState;
}
