import { CASE_NOTES } from '../datasets/event-types.ts';
import type { DomainEvent, EntityKey } from '../event.ts';
import type { Hasher } from '../ports.ts';
import { derivedId } from './derived-id.ts';

/** What somebody at the head remarked on a conflict, without ruling on it. */
export interface CaseNote {
  readonly at: string;
  readonly actor: string;
  readonly note: string;
}

/**
 * Where the notes on the conflicts of an entity lie: beside it, in its scope, so that its own events never wait for an
 * event that an older program does not know. One place for all of its conflicts: offices may name a conflict differently.
 */
export function notesKeyOf({ dataset, scope, entityId }: EntityKey, hasher: Hasher): EntityKey {
  const id = derivedId(hasher, ['notes', dataset, scope, entityId]);
  return { dataset: CASE_NOTES, scope, entityId: id };
}

/** The head's name of the conflict that a note is on. */
export function notedCase({ data }: Pick<DomainEvent, 'data'>): string {
  return String(data['caseId']);
}

export function noteOf({ at, actor, data }: DomainEvent): CaseNote {
  return { at, actor, note: String(data['note']) };
}
