import type { OfficeRow } from '../mixins/store/store.ts';

/** A branch as the head knows it. */
export interface OfficeView {
  readonly id: string;
  readonly name: string;
  readonly status: OfficeRow['status'];
  readonly subscribe: OfficeRow['subscribe'];
  readonly connected: boolean;
  /** How far its log is committed here. */
  readonly seq: number;
  readonly epoch: number;
  readonly safeSeq: number;
  readonly lastContactAt: string | null;
  readonly addedAt: string;
}

export type Contacts = Readonly<Record<string, { connected: boolean; lastContactAt: string | null }>>;

export function viewOffice(row: OfficeRow, contacts: Contacts): OfficeView {
  const contact = contacts[row.office];
  const lastContactAt = row.lastContactAtMs === 0 ? null : new Date(row.lastContactAtMs).toISOString();
  return {
    id: row.office,
    name: row.name,
    status: row.status,
    subscribe: row.subscribe,
    connected: row.status === 'active' && (contact?.connected ?? false),
    seq: row.cursor.seq,
    epoch: row.cursor.epoch,
    safeSeq: row.safeSeq,
    lastContactAt: contact?.lastContactAt ?? lastContactAt,
    addedAt: new Date(row.addedAtMs).toISOString(),
  };
}
