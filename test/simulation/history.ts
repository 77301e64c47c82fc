import { LIMITS } from '../../domain/sync/limits.ts';
import { whyNotConverged } from './checkers/converged.ts';
import { checkFinal } from './checkers/final.ts';
import { checkQuiet } from './checkers/quiet.ts';
import { Diary } from './diary.ts';
import { drawPlan } from './draw-plan.ts';
import type { Plan } from './plan.ts';
import { narrowed, type Scenario, wholeSeed } from './scenario.ts';
import { Scene } from './scene.ts';
import { Strikes } from './strikes.ts';
import { Trace } from './trace.ts';
import { unleash } from './unleash.ts';
import { World } from './world.ts';

export interface HistoryOptions extends Partial<Scenario> {
  readonly seed: number;
  /** null leaves it to the seed. */
  readonly branches: number | null;
  readonly print?: ((line: string) => void) | undefined;
}

export interface Outcome {
  readonly seed: number;
  readonly plan: Plan;
  /** The first promise that was broken; null when all were kept. */
  readonly violation: string | null;
  /** How often each fault struck. */
  readonly strikes: ReadonlyMap<string, number>;
  /** How often each fault struck an office in each state: `fault state`. */
  readonly cells: ReadonlyMap<string, number>;
  /** How often a process ended at each of its effects. */
  readonly effects: ReadonlyMap<string, number>;
  /** Names of the strikes, in order. */
  readonly struck: readonly string[];
  readonly alarms: ReadonlyMap<string, number>;
  readonly steps: number;
  readonly events: number;
  readonly answered: number;
  readonly excused: number;
  /** From the end of all faults until everybody agreed. */
  readonly healedInMs: number;
  /** Days of offices with at least ten commands, in weeks with at least one fault. */
  readonly officeDays: number;
  /** Two runs of one seed have the same. */
  readonly digest: string;
}

/** With every fault gone, all must be well within this. */
export const HEALING_BOUND_MS = 5 * 60_000;
/** And stay so. */
const CALM_MS = 60_000;
/** One that is just asked to greet again, as after the last copy was taken away, has done so by then. */
const QUIET_MS = 30_000;

/** Of what is thrown: offices refuse often, and to note where is most of what that takes. */
const FRAMES_TOLD = 2;

/** Runs one seed from its beginning to its end: a history of faults, then healing, then the reckoning. */
export async function runHistory({ print, ...options }: HistoryOptions): Promise<Outcome> {
  const scenario = { ...wholeSeed(options.seed), ...options };
  const { seed, branches, tempo } = scenario;
  const world = new World(seed, new Trace(false, print ?? null));
  const scene = new Scene(world, narrowed(drawPlan(world.chance('plan'), branches, seed, tempo), scenario));
  const strikes = new Strikes(world, scenario.only);
  const onRejection = (error: unknown): void => world.fail(error);
  process.on('unhandledRejection', onRejection);
  const putBack = limitPages(scene.plan.pageEvents);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES_TOLD;
  let healedInMs = 0;
  let officeDays = 0;
  try {
    officeDays = await play(scene, strikes);
    putBack(); // small pages on a slow line take longer than healing may
    healedInMs = await heal(scene);
    if (scene.oracle.violation === null) for (const flaw of checkFinal(scene)) scene.oracle.violated(flaw);
  } catch (error) {
    scene.oracle.violated(
      `thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  } finally {
    process.off('unhandledRejection', onRejection);
    Error.stackTraceLimit = stackTraceLimit;
    putBack();
  }
  return { ...outcome(scene, strikes, healedInMs), officeDays };
}

const LEAST_RETURNED = 10;

/** Answers of several pages, which can come out of order, without logs of thousands of events. */
function limitPages(pageEvents: number): () => void {
  const { fetchEvents, pullEvents, returnEvents } = LIMITS;
  // Of several lives of the head that have one place, all must fit into a page.
  const returned = Math.max(pageEvents, LEAST_RETURNED);
  Object.assign(LIMITS, { fetchEvents: pageEvents, pullEvents: pageEvents, returnEvents: returned });
  return () => void Object.assign(LIMITS, { fetchEvents, pullEvents, returnEvents });
}

/** A history that comes out otherwise when it is run again cannot be replayed: that is a violation, too. */
export async function runTwice(options: HistoryOptions): Promise<Outcome> {
  const [once, again] = [await runHistory(options), await runHistory({ ...options, print: undefined })];
  if (once.digest === again.digest && once.steps === again.steps) return once;
  const violation = `not the same when it is run again: ${once.digest} after ${once.steps} steps, then ${again.digest} after ${again.steps}`;
  return { ...once, violation };
}

/** The faults of a plan, for as long as it says. Returns how many days of offices count: see `Diary`. */
export async function play(scene: Scene, strikes = new Strikes(scene.world)): Promise<number> {
  const { world, oracle, plan } = scene;
  await scene.begin();
  const diary = plan.season === null ? null : new Diary(scene, plan.season, strikes);
  if (diary === null) unleash(scene, strikes);
  else diary.begin();
  await world.run(world.nowMs + plan.faultsMs, () => oracle.violation !== null);
  return diary?.officeDays ?? 0;
}

/** Returns how long it took. */
async function heal(scene: Scene): Promise<number> {
  const { world, oracle } = scene;
  if (oracle.violation !== null) return 0;
  const beginMs = world.nowMs;
  scene.heal();
  for (;;) {
    await world.run(world.nowMs + 1_000, () => oracle.violation !== null);
    const trouble = whyNotConverged(scene);
    if (oracle.violation !== null) return world.nowMs - beginMs;
    if (trouble === null) break;
    if (world.nowMs - beginMs <= HEALING_BOUND_MS) continue;
    oracle.violated(`not healed after ${HEALING_BOUND_MS / 60_000} minutes: ${trouble}`);
    return world.nowMs - beginMs;
  }
  const healedInMs = world.nowMs - beginMs;
  await world.run(world.nowMs + CALM_MS, () => oracle.violation !== null);
  for (let waited = 0; waited < QUIET_MS && checkQuiet(scene).length > 0; waited += 1_000)
    await world.run(world.nowMs + 1_000, () => oracle.violation !== null);
  const relapse = whyNotConverged(scene);
  if (oracle.violation === null && relapse !== null) oracle.violated(`did not stay healed: ${relapse}`);
  return healedInMs;
}

function outcome(scene: Scene, strikes: Strikes, healedInMs: number): Omit<Outcome, 'officeDays'> {
  const { world, oracle, plan, head } = scene;
  const facts = [...oracle.facts.values()];
  return {
    seed: world.seed,
    plan,
    violation: oracle.violation,
    strikes: strikes.counts,
    cells: strikes.cells,
    effects: scene.effects,
    struck: strikes.names,
    alarms: oracle.alarms,
    steps: world.steps,
    events: head.disk.reads.logRow().position,
    answered: facts.length,
    excused: facts.filter(({ isExcused }) => isExcused).length,
    healedInMs,
    digest: world.trace.digest(),
  };
}
