import type { OfficeState } from './office-state.ts';
import type { Habits } from './operators.ts';

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
}

export interface Aim {
  readonly fault: string;
  readonly state: OfficeState;
}
