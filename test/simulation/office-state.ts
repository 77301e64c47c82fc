import type { Site } from './site.ts';

/** How an office's end of the protocol stands, as people see it: the phases of domain/sync/branch-state.ts, and more. */
export const BRANCH_STATES = [
  'down',
  'starting',
  'offline',
  'idle',
  'paused',
  'greeting',
  'locating',
  'returning',
  'aligning',
  'forking',
  'streaming',
  'waiting-for-head',
  'refused',
  'fenced',
  'claiming',
] as const;

export const HEAD_STATES = [
  'head-down',
  'head-starting',
  'head-alone',
  'head-without-database',
  'head-linked',
] as const;

export const STATES = [...BRANCH_STATES, ...HEAD_STATES] as const;
export type OfficeState = (typeof STATES)[number];

export function stateOf(site: Site): OfficeState {
  return site.role === 'head' ? stateOfHead(site) : stateOfBranch(site);
}

function stateOfBranch(site: Site): OfficeState {
  if (!site.isRunning) return 'down';
  const state = site.status()?.state;
  return BRANCH_STATES.find((one) => one === state) ?? 'starting';
}

function stateOfHead(site: Site): OfficeState {
  if (!site.isRunning) return 'head-down';
  const status = site.status();
  if (status === null) return 'head-starting';
  if (status.problem === null) return 'head-linked';
  return status.problem.type === 'database-unavailable' ? 'head-without-database' : 'head-alone';
}
