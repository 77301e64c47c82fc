import type { Scene } from '../scene.ts';
import type { Site } from '../site.ts';

/** A batch that is just being sent, a probe, its answer, a beacon. */
const MOST_UNDER_WAY = 20;

/** Nothing is stuck after healing: every branch is in contact with nothing to send, and no queue of anybody's fills. */
export function checkQuiet(scene: Scene): string[] {
  return [...scene.branches().flatMap(flawsOfBranch), ...flawsOfQueues(scene)];
}

function flawsOfBranch(site: Site): string[] {
  const status = site.branch?.status();
  if (status === undefined) return [`${site.name} does not run`];
  const { state, pending, problem } = status;
  const { hold } = site.disk.reads.logRow();
  const isInContact = state === 'streaming' || site.mode === 'manual'; // which comes and goes, as it is asked to
  const flaws = [
    ...(isInContact ? [] : [`is ${state}`]),
    ...(pending === 0 ? [] : [`has ${pending} events to send`]),
    ...(problem === null ? [] : [`has a problem: ${problem.type}, ${problem.detail}`]),
    ...(hold === 'none' ? [] : [`sells nothing: ${hold}`]),
  ];
  return flaws.map((flaw) => `${site.name} ${flaw} after all was healed`);
}

/** Of processes that have ended nobody empties the queue. */
function flawsOfQueues({ broker }: Scene): string[] {
  return broker
    .waiting()
    .filter(({ count, isConsumed }) => isConsumed && count > MOST_UNDER_WAY)
    .map(({ name, count }) => `${count} messages wait in ${name} after all was healed`);
}
