/** What the head's refusals leave open: the setting to change, or the command that helps. */
const ADVICE: Readonly<Record<string, string>> = {
  'unknown-office': 'Correct OFFICE_ID here, or run `branchline offices add` at the head.',
  'retired-office': 'A retired office does not come back: give this one a new OFFICE_ID and database.',
  'program-too-old': 'Install the version that the head runs.',
  'program-too-new': 'Install the version that the head runs, or update the head first.',
  'lease-held': 'It is let in when the other process has ended.',
  'second-process': 'Stop one of the two processes with this OFFICE_ID.',
  'batch-refused':
    'Both ends should run one version of the program; if they do, look for who else uses this office’s broker user.',
  'second-copy':
    'Stop this copy; the other one goes on. Only if that one is stopped for good: `branchline sync claim` here.',
};

/** What to do about a refusal, in sentences; null for whatever is none. */
export function adviceOnRefusal(reason: string): string | null {
  return ADVICE[reason] ?? null;
}
