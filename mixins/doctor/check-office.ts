import { adviceOnRefusal } from '../sync/refusal-advice.ts';
import type { OfficeStatus } from '../sync/sync.ts';
import { type Finding, fine, warning } from './finding.ts';

const CHECK = 'office';

/** How an office that runs stands with the others. */
export function runningFinding(sync: OfficeStatus | null): Finding {
  if (sync === null || sync.problem === null)
    return fine(CHECK, `runs; its link is ${sync?.state ?? 'unknown'}`);
  const { type, detail } = sync.problem;
  const advice = adviceOnRefusal(type) ?? 'It sells; what it sells waits for the link.';
  return warning(CHECK, `runs; ${type}: ${detail}`, advice);
}
