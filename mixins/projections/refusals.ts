import { DomainError } from '../../domain/errors.ts';
import { isWorkedOn } from './follow.ts';
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

export function notMade(row: ProjectionRow): DomainError {
  const { name, state } = row;
  return new DomainError('projection-not-made', `"${name}" ${whyNotMade(row)}`, { projection: name, state });
}

/** Whoever follows the log finds it, too, as soon as something is to be written. */
export function tableGone({ name, kind, state }: ProjectionRow): DomainError {
  const then = kind === 'as-of' ? `drop "${name}", and ask for it again` : 'make it anew with rebuild';
  return new DomainError('projection-not-made', `Somebody has dropped the table "${name}"; ${then}`, {
    projection: name,
    state,
  });
}

function whyNotMade(row: ProjectionRow): string {
  const { kind, state, job } = row;
  if (isWorkedOn({ job }) && job?.kind !== 'verify') return 'is still being made';
  const then = kind === 'as-of' ? 'drop it, and ask for it again' : 'make it anew with rebuild';
  const because = job?.problem ? ` (${job.problem.detail})` : '';
  switch (state) {
    case 'making':
      return `was not made${because}; ${then}`;
    case 'dropped':
      return `was dropped; ${then}`;
    case 'damaged':
      return `is damaged${because}; ${then}`;
    case 'live':
      return `is of another version of the program; ${then}`;
  }
}
