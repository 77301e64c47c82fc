import { START_OF_CHAIN, ZERO_HASH } from '../../domain/chain.ts';
import type { ConflictCase } from '../../domain/conflict/case.ts';
import type { DatasetRow } from '../../domain/datasets/dataset.ts';
import type { EntityKey } from '../../domain/event.ts';
import { START_OF_TIME } from '../../domain/hlc.ts';
import type { DigestRow, EventRow, LogRow, OfficeRow, WaitingRow } from '../../mixins/store/store.ts';
import { EventPool } from './event-pool.ts';
import { EventTable } from './memory-events.ts';
import { Journal, Table } from './memory-journal.ts';

/** As text, as a database keeps it. */
export interface EntityRecord extends EntityKey {
  readonly state: string;
  readonly row: DatasetRow | null;
}

/** Everything that an office's database holds. Rows are never changed in place, so that copies may share them. */
export class Tables {
  readonly journal = new Journal<Tables>();
  readonly pool: EventPool;
  readonly log: Table<Tables, LogRow>;
  readonly offices: Table<Tables, OfficeRow>;
  readonly events: EventTable;
  readonly displaced: Table<Tables, EventRow, number>;
  readonly entities: Table<Tables, EntityRecord>;
  readonly waiting: Table<Tables, WaitingRow, number>;
  readonly cases: Table<Tables, string>;
  /** Names of the open cases of each entity that has any. */
  readonly openCases: Table<Tables, readonly string[]>;
  /** Of each dataset and scope, by bucket. */
  readonly digests: Table<Tables, readonly DigestRow[]>;

  /** `from`: those that this is to be a copy of. */
  constructor(from: Tables | null = null, pool = from?.pool ?? new EventPool()) {
    const { journal } = this;
    this.pool = pool;
    this.log = new Table(journal, ({ log }) => log, from?.log.entries());
    this.offices = new Table(journal, ({ offices }) => offices, from?.offices.entries());
    this.events = new EventTable(journal, from?.events ?? null);
    this.displaced = new Table(journal, ({ displaced }) => displaced, from?.displaced.entries());
    this.entities = new Table(journal, ({ entities }) => entities, from?.entities.entries());
    this.waiting = new Table(journal, ({ waiting }) => waiting, from?.waiting.entries());
    this.cases = new Table(journal, ({ cases }) => cases, from?.cases.entries());
    this.openCases = new Table(journal, ({ openCases }) => openCases, from?.openCases.entries());
    this.digests = new Table(journal, ({ digests }) => digests, from?.digests.entries());
  }

  caseNamed(id: string): ConflictCase | null {
    const body = this.cases.get(id);
    return body === undefined ? null : (JSON.parse(body) as ConflictCase);
  }
}

export function newLogRow(office: string, role: LogRow['role']): LogRow {
  return {
    office,
    role,
    headOffice: role === 'head' ? office : '',
    definitions: 0,
    tail: START_OF_CHAIN,
    position: 0,
    at: START_OF_TIME,
    hold: 'none',
    paused: false,
    waiting: 0,
    session: 0,
    acked: START_OF_CHAIN,
    safeSeq: 0,
    feed: { feedEpoch: 1, position: 0, hash: ZERO_HASH },
    feedEpoch: 1,
    feedForks: [],
  };
}
