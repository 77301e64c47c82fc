import { Errors } from 'moleculer';
import { DomainError, isTransient } from '../domain/errors.ts';
import { problemStatus } from './problem.ts';

/**
 * A refusal as Moleculer carries it from node to node: code, type and data survive the journey, classes do not.
 * Errors of other makes are left as they are.
 */
export function toMoleculerError(error: unknown): unknown {
  if (!(error instanceof DomainError)) return error;
  const Kind = isTransient(error) ? Errors.MoleculerRetryableError : Errors.MoleculerError;
  const carried = new Kind(error.message, problemStatus(error), error.type, error.data);
  carried.cause = error;
  return carried;
}
