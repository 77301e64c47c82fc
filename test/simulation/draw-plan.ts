import { FAULTS, statesHitBy } from './faults.ts';
import { MINUTE_MS } from './faults/fault.ts';
import type { OfficeState } from './office-state.ts';
import {
  type Aim,
  COMMANDS_A_DAY,
  DAY_MS,
  type Plan,
  type ProgramMix,
  type Season,
  type Tempo,
} from './plan.ts';
import type { Prng } from './prng.ts';

const SHARE_OF_FAULTS = 0.4;
/** Faults that a seed aims at a state. */
const AIMS = 4;
/** What brings an office into a state that is rare without it. */
const LEADS_TO: Partial<Record<OfficeState, string>> = {
  paused: 'paused',
  'waiting-for-head': 'head-crash',
  locating: 'link-flap',
  returning: 'head-restored',
  aligning: 'branch-restored',
  forking: 'branch-restored',
  starting: 'branch-crash',
  refused: 'branch-crash',
  fenced: 'branch-cloned',
  claiming: 'branch-cloned',
  'head-starting': 'head-crash',
  'head-without-database': 'database-away',
};
/** The states that seeds aim at, one after another: the less often one is met by chance, the more often it is here. */
const TURNS: readonly OfficeState[] = [
  ...['forking', 'returning', 'aligning', 'locating', 'head-without-database', 'starting'],
  ...['forking', 'aligning', 'returning', 'locating', 'head-without-database', 'head-starting'],
  ...['forking', 'returning', 'aligning', 'aligning', 'starting', 'refused'],
  ...['claiming', 'aligning', 'returning', 'aligning', 'greeting', 'head-starting'],
  ...['paused', 'waiting-for-head', 'idle', 'fenced'],
] as OfficeState[];
/** Backups are there when it is restored that leads to the state. */
const OFTEN_BACKED_UP_MS = 20_000;

/** Of the seeds, how many are long histories, and how many of these go over half a year or a whole one. */
const SHARE_OF_SEASONS = 0.3;
const SHARE_OF_YEARS = 0.42;
/** Of the seeds, in how many offices run programs of several versions. */
const SHARE_OF_MIXES = 0.4;
/** What dense minutes have enough of, and what would make of a long history mostly copying. */
const MOST_SUBSCRIBE_ALL = 0.1;
const LEAST_PAGE = 20;
const MOSTLY_LOOKS = 0.9;

/** Swarm testing (Groce et al. 2012): each seed has its own few faults at its own rates, so that no fault hides another. */
export function drawPlan(chance: Prng, branches: number | null, seed = 0, tempo: Tempo | null = null): Plan {
  const share = chance.chance(0.1) ? 0 : chance.between(0, 2 * SHARE_OF_FAULTS);
  const faults = new Map<string, number>();
  for (const { name, meanMs } of FAULTS)
    if (chance.chance(share)) faults.set(name, meanMs * 2 ** chance.between(-2, 1.5));
  const aims = faults.size === 0 ? [] : aimsOf(seed);
  const lead = leadTo(aims);
  const season = seasonOf(chance.fork('season'), tempo);
  const programs = programsOf(chance.fork('programs'));
  const plan: Plan = {
    branches: branches ?? chance.pick([1, 2, 2, 3, 3, 3, 4]),
    faultsMs: chance.between(4, 16) * MINUTE_MS,
    habits: {
      commandMs: chance.pick([5_000, 10_000, 20_000, 40_000]),
      contention: chance.pick([0.2, 0.6, 0.9]),
      meddling: chance.pick([0.1, 0.4, 0.8]),
      bursts: chance.pick([0, 0.05, 0.3]),
      keyed: chance.pick([0, 0.5, 1]),
      imports: chance.pick([0, 0, 0, 0, 0, 0, 0, 0.3]),
      counts: countsOf(chance.fork('counts'), programs),
      looks: season === null ? 0 : MOSTLY_LOOKS,
    },
    faults,
    aims,
    lead,
    subscribeAll: chance.pick([0, 0.3, 0.3, 1]),
    manualMode: aims.some(({ state }) => state === 'idle') ? 0.5 : chance.pick([0, 0, 0.2]),
    windows: chance.pick([0, 0, 0, 0.3]),
    isEncoded: chance.chance(0.1),
    pageEvents: chance.pick([500, 500, 20, 3]),
    skewMs: chance.pick([0, 1_000, 60_000, 20 * 60_000]),
    latencyMs: chance.pick([10, 50, 50, 400, 2_000]),
    backupMs: isRestore(lead) ? OFTEN_BACKED_UP_MS : chance.pick([20_000, 60_000, 180_000]),
    programs,
    season,
  };
  if (season === null) return plan;
  return {
    ...plan,
    faultsMs: season.days * DAY_MS,
    aims: [],
    lead: null,
    subscribeAll: Math.min(plan.subscribeAll, MOST_SUBSCRIBE_ALL),
    pageEvents: Math.max(plan.pageEvents, LEAST_PAGE),
    latencyMs: Math.min(plan.latencyMs, 400),
  };
}

function programsOf(chance: Prng): ProgramMix {
  return chance.chance(SHARE_OF_MIXES) ? chance.pick(['before-stock', 'newer-sales']) : 'alike';
}

/** How often somebody counts: where some programs cannot, others do. */
function countsOf(chance: Prng, programs: ProgramMix): number {
  return chance.pick(programs === 'before-stock' ? [0.3, 0.8] : [0, 0, 0, 0.3, 0.8]);
}

function seasonOf(chance: Prng, tempo: Tempo | null): Season | null {
  const isSeason = tempo === null ? chance.chance(SHARE_OF_SEASONS) : tempo !== 'hours';
  if (!isSeason) return null;
  const isYear = chance.chance(tempo === null ? SHARE_OF_YEARS : tempo === 'years' ? 1 : 0);
  return {
    days: chance.pick(isYear ? [182, 182, 364] : [14, 28, 28, 91]),
    commandsADay: COMMANDS_A_DAY,
    shifts: chance.pick([1, 1, 2]),
    faultsAWeek: chance.pick([1, 1, 2]),
    contactDays: chance.pick([1, 1, 2, 3]),
    contactMs: chance.pick([3, 10, 60]) * MINUTE_MS,
    spreadMs: chance.pick([1_000, 20_000, 600_000]),
    lingering: chance.pick([0, 0.02, 0.1]),
    dialsUp: chance.chance(0.6),
  };
}

/** All faults get their turn in every state, whatever chance has them do. */
function aimsOf(seed: number): Aim[] {
  const turn = seed % TURNS.length;
  const state = TURNS[turn]!;
  const timesARound = TURNS.filter((one) => one === state).length;
  const before = TURNS.slice(0, turn).filter((one) => one === state).length;
  const visits = Math.floor(seed / TURNS.length) * timesARound + before;
  const faults = FAULTS.filter((fault) => statesHitBy(fault).includes(state));
  return Array.from({ length: AIMS }, (_, at) => {
    const fault = faults[(visits * AIMS + at) % faults.length]!;
    return { fault: fault.name, state };
  });
}

function leadTo([aim]: readonly Aim[]): Aim | null {
  const fault = aim && LEADS_TO[aim.state];
  return fault === undefined ? null : { fault, state: aim!.state };
}

function isRestore(lead: Aim | null): boolean {
  return lead?.fault.endsWith('-restored') ?? false;
}
