import type { Catalogue, Datasets } from '../domain/datasets/catalogue.ts';
import type { Unfit } from '../domain/datasets/definitions.ts';
import type { Ports } from '../domain/ports.ts';
import type { OfficeConfig } from './config.ts';
import type { Committed, Ledger } from './ledger/ledger.ts';
import type { BranchLink, HeadLink } from './link/link.ts';
import type { Projections } from './projections/projections.ts';
import type { OpenOptions, Store } from './store/store.ts';
import type { Scheduler } from './sync/scheduler.ts';
import type { BranchSync, HeadSync, OfficeStatus } from './sync/sync.ts';

/** What an office says about itself while it runs; Moleculer's loggers fit. */
export interface Journal {
  info(...words: unknown[]): void;
  warn(...words: unknown[]): void;
  error(...words: unknown[]): void;
}

export interface OfficeOptions {
  readonly journal: Journal;
  /** Those of the program unless told. */
  readonly datasets?: Catalogue;
  /** Instead of the one that LINK_URL names; `null` for an office that is to stay alone. */
  readonly link?: Links | null;
  /** What may be done to a database that is not ready; `nothing` also lets it be used beside a process that has it. */
  readonly prepare?: OpenOptions['prepare'];
  readonly ports?: Ports;
  readonly scheduler?: Scheduler;
}

/** Where the two ends of a link come from: the in-process hub, or a broker. */
export interface Links {
  branchLink(office: string, instance: string): BranchLink;
  headLink(): HeadLink;
}

/** As the head has changed them, as far as that has reached this office and its tables. */
export interface DatasetsInForce extends Datasets {
  /** Changes that are not carried out here, and why. */
  readonly unfit: readonly Unfit[];
  /** Whether this office declares it by itself; an event has added the others. A function of its own, to be handed on. */
  readonly declares: (name: string) => boolean;
  /** Takes in what the log knows by now. @throws DomainError `database-unavailable` */
  learn(): Promise<void>;
  onChanged(listener: () => void): void;
}

/** One office without its services: log, database and link. */
export interface Office {
  readonly config: OfficeConfig;
  readonly ports: Ports;
  readonly store: Store;
  readonly datasets: DatasetsInForce;
  /** It is there to be read, beside a process that runs it: nothing is written but what somebody asks for. */
  readonly looksOnly: boolean;
  /** Where its database is, for people: without user and password. */
  readonly database: string;
  /** @throws DomainError `database-unavailable` until the database was reached for the first time */
  ledger(): Ledger;
  /** @throws DomainError `only-at-a-branch`, `no-link`, `database-unavailable` */
  branchSync(): BranchSync;
  /** null for a head without a link. @throws DomainError `only-at-the-head`, `database-unavailable` */
  headSync(): HeadSync | null;
  /** What is folded from the log beside the datasets' own tables. @throws DomainError `database-unavailable` */
  projections(): Projections;
  syncStatus(): Promise<OfficeStatus>;
  /** Called after every commit that moved the log. */
  onCommitted(listener: (committed: Committed) => void): void;
  /** Called once, when the database has been reached; at once when it has been. */
  onOpened(listener: () => void): void;
  /** Called once, when this process must not go on with its database: it serves nothing any more. */
  onFailed(listener: (error: Error) => void): void;
  /**
   * Opens the database and the link. Returns, and goes on trying, while the database is away.
   * @throws DomainError that a person has to deal with: `database-of-another-office`, `database-too-new`,
   *   `database-in-use`, ...
   */
  start(): Promise<void>;
  stop(): Promise<void>;
}
