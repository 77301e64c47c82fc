import type { DatasetsInForce } from '../mixins/office.ts';
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

export function viewOffice(
  row: OfficeRow,
  contacts: Contacts,
  datasets: Pick<DatasetsInForce, 'all' | 'declares'>,
): OfficeView {
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
    behind: datasets.all
      .filter(({ name, version }) => wasHeard(row) && versionAt(row, name, datasets) < version)
      .map(({ name }) => name),
  };
}

function wasHeard({ status, lastContactAtMs }: OfficeRow): boolean {
  return status === 'active' && lastContactAtMs > 0;
}

/** A program that tells no versions records in the first, and has nothing that an event has added; 0: not there. */
function versionAt(
  { datasets }: OfficeRow,
  name: string,
  { declares }: Pick<DatasetsInForce, 'declares'>,
): number {
  return datasets.versions[name] ?? (datasets.evolutions === 0 && declares(name) ? 1 : 0);
}
