import { notesKeyOf } from '../../domain/conflict/notes.ts';
import type { Office } from '../../mixins/office.ts';
import { ANONYMOUS, type Call } from '../call.ts';
import type { CaseView } from './case-view.ts';
import { findCase, showCase } from './find-cases.ts';

export interface NoteParams {
  readonly id: string;
  readonly note: string;
}

export const NOTE_PARAMS = { id: 'string', note: { type: 'string', min: 1, max: 500 } } as const;

/** @throws DomainError `not-allowed`, `unknown-case`, `invalid-input` */
export async function noteOnCase(office: Office, ctx: Call<NoteParams>): Promise<CaseView> {
  const conflict = await findCase(office, ctx.params.id);
  const { dataset, entityId, id: caseId } = conflict;
  const { actor = ANONYMOUS, idempotency } = ctx.meta;
  const { replayed } = await office.ledger().submit({
    command: {
      type: 'note-conflict',
      ...notesKeyOf(conflict, office.ports),
      caseId,
      about: { dataset, entityId },
      note: ctx.params.note,
    },
    actor,
    ...(idempotency === undefined ? {} : { idempotency }),
  });
  if (replayed) ctx.meta.replayed = true;
  return showCase(office, caseId);
}
