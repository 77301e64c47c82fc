import type { ConflictCase } from '../../domain/conflict/case.ts';
import { type CaseNote, noteOf, notedCase, notesKeyOf } from '../../domain/conflict/notes.ts';
import { type DomainEvent, entityName } from '../../domain/event.ts';
import { CONFLICT_NOTED } from '../../domain/office/evolve.ts';
import type { Office } from '../../mixins/office.ts';

/** By id of the case, oldest first. */
export async function notesOn(
  office: Office,
  cases: readonly ConflictCase[],
): Promise<Map<string, CaseNote[]>> {
  const { read } = office.ledger();
  const placeOf = (one: ConflictCase) => notesKeyOf(one, office.ports);
  const rows = cases.length === 0 ? [] : await read.eventsOfEntities(cases.map(placeOf));
  const events = rows
    .filter(({ status, event }) => status === 'applied' && event.type === CONFLICT_NOTED)
    .map(({ event }) => event);
  if (events.length === 0) return new Map();
  const known = new Set((await read.casesById(events.map(notedCase))).map(({ id }) => id));
  const byPlace = Map.groupBy(events, (event) => entityName(event));
  return new Map(cases.map((one) => [one.id, notesAmong(byPlace.get(entityName(placeOf(one))), one, known)]));
}

/** What the head calls otherwise than this office does may be this one. */
function notesAmong(events: readonly DomainEvent[] = [], { id }: ConflictCase, known: ReadonlySet<string>) {
  return events
    .filter((event) => notedCase(event) === id || !known.has(notedCase(event)))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .map(noteOf);
}
