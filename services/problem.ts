import { errorType } from '../domain/errors.ts';

/** RFC 9457 problem details; `type` is stable, and what the error knows stands beside it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly [extension: string]: unknown;
}

interface Kind {
  readonly status: number;
  readonly title: string;
}

const TYPE_PREFIX = 'urn:branchline:problem:';
/** Longer inputs are not sent back. */
const MAX_SHOWN = 100;
const STANDARD = new Set(['type', 'title', 'status', 'detail', 'instance']);

const kind = (status: number, title: string): Kind => ({ status, title });

/** Every error that may reach a client. What is missing here is a defect, and says only that. */
const KINDS: Readonly<Record<string, Kind>> = {
  'malformed-request': kind(400, 'The request cannot be read'),
  'invalid-parameters': kind(400, 'The request has wrong parameters'),
  'not-allowed': kind(403, 'Not allowed here'),
  'not-your-scope': kind(403, 'Another office’s data'),
  'foreign-origin': kind(403, 'A page of another site asks'),
  'unknown-route': kind(404, 'There is nothing here'),
  'unknown-dataset': kind(404, 'There is no such dataset'),
  'unknown-entity': kind(404, 'There is no such entity'),
  'unknown-office': kind(404, 'There is no such office'),
  'unknown-event': kind(404, 'There is no such event'),
  'unknown-case': kind(404, 'There is no such conflict'),
  'unknown-projection': kind(404, 'There is no such projection'),
  'only-at-the-head': kind(404, 'Only the head has this'),
  'only-at-a-branch': kind(404, 'Only a branch has this'),
  'method-not-allowed': kind(405, 'Not with this method'),
  'already-exists': kind(409, 'It exists already'),
  'office-exists': kind(409, 'There is such an office already'),
  'entity-voided': kind(409, 'It was voided'),
  'entity-waiting': kind(409, 'Earlier changes of it are still on their way'),
  'dataset-changing': kind(409, 'An earlier change of the dataset is on its way'),
  'ambiguous-id': kind(409, 'Several offices use this id'),
  'event-applied': kind(409, 'The event is applied'),
  'event-discarded': kind(409, 'The event is discarded'),
  'case-open': kind(409, 'The conflict is open'),
  'case-settled': kind(409, 'The conflict is settled, or has changed'),
  'dataset-changed': kind(409, 'The dataset has changed meanwhile'),
  'retired-office': kind(409, 'The office is retired'),
  'idempotency-key-reused': kind(409, 'The idempotency key belongs to another request'),
  'projection-working': kind(409, 'Something is being done with the projection'),
  'projection-busy': kind(409, 'Another process works on the projection'),
  'projection-exists': kind(409, 'There is such a table already'),
  'projection-in-use': kind(409, 'Others have made what stands on the table'),
  'projection-not-made': kind(409, 'The projection has no table'),
  'no-link': kind(409, 'This office has no link'),
  'not-fenced': kind(409, 'This office is not fenced'),
  'claim-refused': kind(409, 'The other copy of the office is alive'),
  'sync-paused': kind(409, 'Synchronization is paused'),
  'body-too-large': kind(413, 'The request is too large'),
  'event-too-large': kind(413, 'The event is too large'),
  'unsupported-media-type': kind(415, 'Not a type of content that is understood here'),
  'invalid-input': kind(422, 'Not acceptable'),
  'unknown-side': kind(422, 'No side of this conflict'),
  'office-fenced': kind(409, 'This is a second copy of the office'),
  'database-unavailable': kind(503, 'The database cannot be used now'),
  'disk-full': kind(503, 'The disk of the database is full'),
  'database-refused': kind(503, 'The database refuses to serve'),
  busy: kind(503, 'The database is busy'),
  'commit-unknown': kind(503, 'It is not known whether it was done'),
  'too-many-waiting': kind(503, 'Too much to do at the moment'),
  'link-unavailable': kind(503, 'The link is down'),
  'sync-incomplete': kind(503, 'Not everything could be synchronized'),
  'service-unavailable': kind(503, 'This part of the office is not running'),
  timeout: kind(504, 'It took too long'),
};
/** Every `type` that a client may see. */
export const PROBLEM_TYPES: readonly string[] = [...Object.keys(KINDS), 'unexpected'].map(
  (type) => TYPE_PREFIX + type,
);

/** The names of those of one status, without the prefix. */
export function problemsOfStatus(status: number): string[] {
  return Object.keys(KINDS).filter((type) => KINDS[type]!.status === status);
}

const DEFECT = kind(500, 'Something is wrong with this office');

/** Errors that are named otherwise inside: of Moleculer and moleculer-web, and of a value that no log can hold. */
const FOREIGN: Readonly<Record<string, string>> = {
  'invalid-value': 'invalid-input',
  'invalid-office-id': 'invalid-input',
  VALIDATION_ERROR: 'invalid-parameters',
  UNABLE_DECODE_PARAM: 'malformed-request',
  SERVICE_NOT_FOUND: 'service-unavailable',
  SERVICE_NOT_AVAILABLE: 'service-unavailable',
  REQUEST_REJECTED: 'service-unavailable',
  REQUEST_TIMEOUT: 'timeout',
};

/** The stable name of what went wrong, whoever threw it. */
export function problemType(error: unknown): string {
  const type = errorType(error);
  const named = Object.hasOwn(FOREIGN, type) ? FOREIGN[type]! : type;
  return Object.hasOwn(KINDS, named) ? named : 'unexpected';
}

export function problemStatus(error: unknown): number {
  return (KINDS[problemType(error)] ?? DEFECT).status;
}

export function problemOf(error: unknown, instance?: string): Problem {
  const type = problemType(error);
  const { status, title } = KINDS[type] ?? DEFECT;
  return {
    type: TYPE_PREFIX + type,
    title,
    status,
    detail:
      type === 'unexpected'
        ? 'The request could not be carried out; the log of the office says why.'
        : detailOf(error),
    ...(instance === undefined ? {} : { instance }),
    ...(type === 'unexpected' ? {} : extensionsOf(error)),
  };
}

function detailOf(error: unknown): string {
  if (errorType(error) === 'UNABLE_DECODE_PARAM') return 'The path is not encoded as it should be';
  if (errorType(error) === 'VALIDATION_ERROR') {
    return validationProblems(error)
      .map(({ field, reason }) => `${field} ${reason}`)
      .join('; ');
  }
  return error instanceof Error ? error.message : String((error as { message?: unknown }).message);
}

function extensionsOf(error: unknown): Record<string, unknown> {
  const type = errorType(error);
  if (type === 'VALIDATION_ERROR') return { problems: validationProblems(error) };
  const data = (error as { data?: unknown }).data;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {};
  if (type === 'invalid-value') return { problems: [problemOfValue(data)] };
  return Object.fromEntries(Object.entries(data).filter(([name]) => !STANDARD.has(name)));
}

/** What is wrong with one input. `reason` completes a sentence that begins with the field's name. */
interface InputProblem {
  readonly field: string;
  readonly reason: string;
  /** What was given, when it is short and not an object. */
  readonly actual?: unknown;
}

function problemOfValue({ path, reason }: { path?: unknown; reason?: unknown }): InputProblem {
  return { field: path === 'entityId' ? 'id' : String(path), reason: String(reason) };
}

interface ValidationFlaw {
  readonly field?: string;
  readonly message?: string;
  readonly type?: string;
  readonly actual?: unknown;
}

/** What fastest-validator found, in the form of our own refusals. */
function validationProblems(error: unknown): InputProblem[] {
  const flaws = (error as { data?: unknown }).data;
  return Array.isArray(flaws) ? (flaws as ValidationFlaw[]).flatMap(problemsOfFlaw) : [];
}

function problemsOfFlaw({ field, message = '', type, actual }: ValidationFlaw): InputProblem[] {
  if (type === 'objectStrict') {
    const prefix = field === undefined ? '' : `${field}.`;
    return String(actual)
      .split(', ')
      .map((name) => ({ field: prefix + name, reason: 'is not known here' }));
  }
  const isNull = type === 'required' && actual === null;
  const told = message.replace(/^The '[^']*' (field )?/, '').replace(/[.!]$/, '');
  const reason = isNull ? 'must not be null' : told;
  return [{ field: field ?? 'request', reason, ...shownActual(actual) }];
}

function shownActual(actual: unknown): { actual?: unknown } {
  const isPlain = actual === null || ['string', 'number', 'boolean'].includes(typeof actual);
  return isPlain && String(actual).length <= MAX_SHOWN ? { actual } : {};
}
