import { DomainError } from '../../domain/errors.ts';

/**
 * What a database's failure means for the one who asked:
 * `again`: the transaction lost against another one and may run again from its beginning;
 * `lost`: the connection broke, and what was not committed is gone;
 * `away`: the database cannot serve now (down, overloaded), which passes by itself;
 * `full`: its disk is full: nothing was written, and reading goes on;
 * `refused`: it will not serve us until a person changes something;
 * `defect`: our statement is wrong.
 */
export type Trouble = 'again' | 'lost' | 'away' | 'full' | 'refused' | 'defect';

/** Tells what a driver's error means; each family has its own. */
export type Diagnose = (error: unknown) => Trouble;

export function isOurs(error: unknown): boolean {
  return error instanceof DomainError;
}

/** What callers see of a trouble that retrying did not end. The driver's own text holds no credentials. */
export function databaseError(trouble: Trouble, error: unknown, shown: string): unknown {
  const detail = error instanceof Error ? error.message : String(error);
  switch (trouble) {
    case 'again':
      return failure('busy', `The database is busy: ${detail}`, error, { database: shown });
    case 'lost':
    case 'away':
      return failure('database-unavailable', `The database ${shown} cannot be used now: ${detail}`, error, {
        database: shown,
      });
    case 'full':
      return failure(
        'disk-full',
        `The disk of the database ${shown} is full: ${detail}. Free some space there: selling goes on by itself`,
        error,
        { database: shown },
      );
    case 'refused':
      return failure(
        'database-refused',
        `The database ${shown} refuses: ${detail}. Check DATABASE_URL.`,
        error,
        {
          database: shown,
          setting: 'DATABASE_URL',
        },
      );
    default:
      return error;
  }
}

export function commitUnknown(error: unknown, shown: string): DomainError {
  const detail = error instanceof Error ? error.message : String(error);
  return failure('commit-unknown', `The connection broke during a commit: ${detail}`, error, {
    database: shown,
  });
}

function failure(type: string, message: string, cause: unknown, data: Record<string, unknown>): DomainError {
  const error = new DomainError(type, message, data);
  error.cause = cause;
  return error;
}
