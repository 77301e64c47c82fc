import { unfitText } from '../../domain/datasets/definitions.ts';
import { adviceOnRefusal } from '../sync/refusal-advice.ts';
import type { OfficeStatus } from '../sync/sync.ts';
import { type Finding, fine, warning } from './finding.ts';

const CHECK = 'office';
const CANNOT_TAKE_UP =
  'It sells on without it. What only waits is tried again by itself; what its own declaration (DATASETS_DIR) stands ' +
  'against waits until that is another: see docs/PROBLEMS.md.';

/** How an office that runs stands with the others, and with what the head has changed. */
export function runningFindings(sync: OfficeStatus | null): Finding[] {
  const unfit = sync?.unfit ?? [];
  return [linkFinding(sync), ...unfit.map((one) => warning('datasets', unfitText(one), CANNOT_TAKE_UP))];
}

function linkFinding(sync: OfficeStatus | null): Finding {
  if (sync === null || sync.problem === null)
    return fine(CHECK, `runs; its link is ${sync?.state ?? 'unknown'}`);
  const { type, detail } = sync.problem;
  const advice = adviceOnRefusal(type) ?? 'It sells; what it sells waits for the link.';
  return warning(CHECK, `runs; ${type}: ${detail}`, advice);
}
