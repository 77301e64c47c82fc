/** Plain JSON data that travels with an error: what was expected, what was found. */
export type ErrorData = Readonly<Record<string, unknown>>;

/**
 * The one base of every expected failure. `type` is constant and stable: callers branch on it, never on
 * the class, because Moleculer rebuilds errors when they cross a node.
 */
export class DomainError extends Error {
  readonly type: string;
  readonly data: ErrorData;

  constructor(type: string, message: string, data: ErrorData = {}) {
    super(message);
    this.name = 'DomainError';
    this.type = type;
    this.data = data;
  }
}

/** A value that no office may put into its log; the same error on every database. */
export function invalidValue(path: string, reason: string): DomainError {
  return new DomainError('invalid-value', `${path} ${reason}`, { path, reason });
}

/** A promise of the protocol that does not hold: a defect, or a damaged database. Never caught and ignored. */
export function assertInvariant(holds: boolean, sentence: string, data: ErrorData = {}): asserts holds {
  if (!holds) throw new DomainError('invariant-broken', `Invariant broken: ${sentence}`, data);
}

export function assertNever(value: never): never {
  throw new DomainError('invariant-broken', 'Invariant broken: a case is missing', { value });
}

/** The `type` of any error, whoever made it; `unexpected` for one that is not ours. */
export function errorType(error: unknown): string {
  const type = (error as { type?: unknown } | null)?.type;
  return typeof type === 'string' ? type : 'unexpected';
}

/** What any error says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Failures of the surroundings that pass by themselves: retry them, never quarantine for them. */
const TRANSIENT = new Set([
  'database-unavailable',
  'disk-full',
  'link-unavailable',
  'busy',
  'commit-unknown',
  'too-many-waiting',
]);

/** Decides between retry (true) and quarantine or refusal (false). */
export function isTransient(error: unknown): boolean {
  return TRANSIENT.has(errorType(error));
}
