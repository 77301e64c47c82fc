import type { Datasets } from '../domain/datasets/catalogue.ts';
import type { Dataset } from '../domain/datasets/dataset.ts';
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
  /** The version in which it records each dataset, as it said last; empty for one that has never told. */
  readonly datasets: Readonly<Record<string, number>>;
  /** Those of which the head has a newer version, or which it has not got. */
  readonly behind: readonly string[];
}

export type Contacts = Readonly<Record<string, { connected: boolean; lastContactAt: string | null }>>;

export function viewOffice(row: OfficeRow, contacts: Contacts, { all }: Pick<Datasets, 'all'>): OfficeView {
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
    datasets: row.datasets.versions,
    behind: all.filter((dataset) => isBehind(row, dataset)).map(({ name }) => name),
  };
}

/** A program that tells no versions records in the first. */
function isBehind({ status, lastContactAtMs, datasets }: OfficeRow, { name, version }: Dataset): boolean {
  if (status === 'retired' || lastContactAtMs === 0) return false;
  return (datasets.versions[name] ?? (datasets.evolutions === 0 ? 1 : 0)) < version;
}
