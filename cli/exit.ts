import { errorType } from '../domain/errors.ts';

/** How commands end, after sysexits(3). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 64,
  data: 65,
  unavailable: 69,
  defect: 70,
  tryAgain: 75,
  configuration: 78,
} as const;

const BY_TYPE: Readonly<Record<string, number>> = {
  'invalid-configuration': EXIT.configuration,
  'invalid-database-url': EXIT.configuration,
  'invalid-link-url': EXIT.configuration,
  'invalid-partitions': EXIT.configuration,
  'invalid-dataset': EXIT.configuration,
  'database-of-another-office': EXIT.configuration,
  'database-too-new': EXIT.configuration,
  'database-refused': EXIT.configuration,
  'database-empty': EXIT.configuration,
  'database-outdated': EXIT.configuration,
  'no-link': EXIT.configuration,
  'no-database': EXIT.configuration,
  'only-at-the-head': EXIT.configuration,
  'only-at-a-branch': EXIT.configuration,
  'invalid-mapping': EXIT.usage,
  'invalid-expression': EXIT.usage,
  'invalid-parameters': EXIT.usage,
  'invalid-office-id': EXIT.usage,
  'not-confirmed': EXIT.usage,
  usage: EXIT.usage,
  'unreadable-file': EXIT.data,
  'unwritable-file': EXIT.data,
  'invalid-sheet': EXIT.data,
  'bad-line': EXIT.data,
  'invalid-input': EXIT.data,
  'cannot-listen': EXIT.unavailable,
  'database-in-use': EXIT.unavailable,
  'no-demo-data': EXIT.unavailable,
  'office-unreachable': EXIT.unavailable,
  'database-unavailable': EXIT.unavailable,
  'disk-full': EXIT.unavailable,
  'sync-incomplete': EXIT.tryAgain,
  'sync-paused': EXIT.tryAgain,
  'projection-working': EXIT.tryAgain,
  'projection-busy': EXIT.tryAgain,
  'projection-cancelled': EXIT.tryAgain,
};

export function exitCodeOf(error: unknown): number {
  return BY_TYPE[errorType(error)] ?? EXIT.failed;
}
