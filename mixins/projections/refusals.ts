import { DomainError } from '../../domain/errors.ts';
import type { ProjectionRow } from '../store/projections/projection-store.ts';

export function projectionWorking({ name, job }: ProjectionRow): DomainError {
  const message = `A ${job?.kind} of "${name}" is under way: wait for it, or cancel it`;
  return new DomainError('projection-working', message, { projection: name });
}

export function projectionExists(name: string): DomainError {
  return new DomainError('projection-exists', `There is a table "${name}" already: choose another name`, {
    projection: name,
  });
}

export function staysAsItIs({ name }: ProjectionRow): DomainError {
  return new DomainError(
    'not-allowed',
    `"${name}" stays as it was at one moment: drop it, and make another`,
    { projection: name },
  );
}

export function notMade({ name, state }: ProjectionRow): DomainError {
  const why = {
    making: 'is still being made',
    dropped: 'was dropped; make it anew with rebuild',
    damaged: 'is damaged; make it anew with rebuild',
    live: 'cannot be read',
  }[state];
  return new DomainError('projection-not-made', `"${name}" ${why}`, { projection: name, state });
}
