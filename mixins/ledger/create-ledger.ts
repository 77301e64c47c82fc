import type { ChainPoint } from '../../domain/chain.ts';
import { DomainError } from '../../domain/errors.ts';
import { assertOfficeId, type Dot, dotName, entityKeyOf } from '../../domain/event.ts';
import { assertWaits } from '../../domain/office/discard.ts';
import type { Catalogue } from '../../domain/datasets/catalogue.ts';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import type { AppendPlan, Submission } from '../../domain/office/append.ts';
import { keyedEventId } from '../../domain/office/event-id.ts';
import type { Ports } from '../../domain/ports.ts';
import type { ApplyPlan } from '../../domain/sync/apply.ts';
import type { EventRow, LogRow, OfficeRow, Store } from '../store/store.ts';
import { appendGroup } from './append-tx.ts';
import { alarmsOf, type LedgerAlarm } from './apply-alarms.ts';
import { openCaseIds } from './apply-tx.ts';
import { BranchLedger } from './branch-ledger.ts';
import { GroupCommit } from './group-commit.ts';
import { HeadLedger } from './head-ledger.ts';
import type { CommandSubmission, Committed, Ledger, Submitted, SubmittedOutcome } from './ledger.ts';
import { judgeAgain } from './judge-again-tx.ts';
import { KeepingUp } from './keeping-up.ts';
import { Life } from './life.ts';
import { newOffice } from './new-office.ts';
import { OfficeDatasets } from './office-datasets.ts';
import type { FoldSetting } from './rebuild-tx.ts';
import { TakeIn } from './take-in.ts';
import { UpToDateStore } from './up-to-date-store.ts';
import { realTime, type Scheduler } from '../sync/scheduler.ts';

export interface LedgerOptions {
  readonly store: Store;
  readonly office: string;
  readonly role: 'head' | 'branch';
  readonly ports: Ports;
  readonly program: string;
  /** As this office declares them; those of the program unless told. */
  readonly datasets?: Catalogue;
  readonly scheduler?: Scheduler;
  readonly onAlarm?: (alarm: LedgerAlarm) => void;
}

/** A ledger with the two ends of the link that work on it. */
export interface OfficeLedger extends Ledger {
  readonly branch: BranchLedger;
  readonly head: HeadLedger;
  /** Those in force. */
  readonly datasets: OfficeDatasets;
  /**
   * What an older program, or a dataset as it was before, kept aside comes in; tried until nothing stands in its way, as the
   * database may be away meanwhile. Answers how many events did.
   */
  takeInUntilDone(): Promise<number>;
  /**
   * For a head of several nodes: learns what another one has changed of datasets, and takes in what one that was behind, or
   * has died since, has left waiting.
   */
  keepUp(): Promise<void>;
  /** The same, once a second until this is closed. */
  startKeepingUp(): void;
  /** Something other than an append moved the log: an apply, a repair. */
  committed(log: Pick<LogRow, 'tail' | 'position'>, cases?: readonly string[]): void;
}

/** Puts an office's log together over an open store. */
export function createLedger(options: LedgerOptions): OfficeLedger {
  return new StoreLedger(options);
}

class StoreLedger implements OfficeLedger {
  readonly office: string;
  readonly role: 'head' | 'branch';
  readonly branch: BranchLedger;
  readonly head: HeadLedger;
  readonly datasets: OfficeDatasets;
  readonly #store: Store;
  readonly #ports: Ports;
  readonly #setting: FoldSetting;
  readonly #commits: GroupCommit;
  readonly #life = new Life();
  readonly #takeIn: TakeIn;
  readonly #keepingUp: KeepingUp;
  readonly #listeners: ((committed: Committed) => void)[] = [];

  constructor({
    store,
    office,
    role,
    ports,
    program,
    datasets = BUILT_IN,
    scheduler = realTime,
    onAlarm = () => {},
  }: LedgerOptions) {
    this.office = office;
    this.role = role;
    this.datasets = new OfficeDatasets(datasets, store, scheduler);
    const upToDate = new UpToDateStore(store, this.datasets);
    const datasetNamed = this.datasets.named;
    this.#store = upToDate;
    this.#ports = ports;
    this.#takeIn = new TakeIn({ ledger: this, datasetNamed, scheduler, onAlarm });
    this.#keepingUp = new KeepingUp({
      ledger: this,
      datasets: this.datasets,
      takeIn: this.#takeIn,
      scheduler,
      onAlarm,
    });
    this.#setting = { ports, datasetNamed };
    this.datasets.onChanged(() => void this.takeInUntilDone());
    const setting = {
      ports,
      datasetNamed,
      onApplied: (log: LogRow, plan: ApplyPlan | null) => {
        this.committed(log, plan === null ? [] : openCaseIds(plan));
        if (plan !== null) alarmsOf(plan).forEach(onAlarm);
      },
      onKnown: (log: LogRow, openCases: readonly string[]) => this.committed(log, openCases),
    };
    this.branch = new BranchLedger(upToDate, setting, this.datasets);
    this.head = new HeadLedger(upToDate, setting, program);
    const append = { store: upToDate, ports, datasetNamed, life: this.#life };
    this.#commits = new GroupCommit({
      append: (group, again) => appendGroup(append, group, again),
      onCommitted: (plan) => this.#appended(plan),
      scheduler,
    });
  }

  get read() {
    return this.#store.read;
  }

  async submit(submission: CommandSubmission): Promise<Submitted> {
    const outcome = await this.#commits.submit(this.#toSubmission(submission));
    if (!outcome.ok) throw outcome.error;
    return outcome;
  }

  submitAll(submissions: readonly CommandSubmission[]): Promise<readonly SubmittedOutcome[]> {
    return Promise.all(submissions.map((submission) => this.#commits.submit(this.#toSubmission(submission))));
  }

  hold(held: boolean): void {
    this.#commits.hold(held);
  }

  onCommitted(listener: (committed: Committed) => void): void {
    this.#listeners.push(listener);
  }

  committed({ tail, position }: Pick<LogRow, 'tail' | 'position'>, cases: readonly string[] = []): void {
    this.#tell(tail, position, cases);
  }

  async judgeAgain(dot: Dot): Promise<EventRow> {
    const { judged, log, cases } = await this.#store.transaction(async (tx) => {
      const locked = await tx.lockLog();
      const [held] = await tx.eventsByDots([dot]);
      assertWaits(dotName(dot), held?.status ?? null);
      const rebuilt = await judgeAgain(tx, this.#setting, locked, [entityKeyOf(held!.event)]);
      await tx.saveLog(rebuilt.log);
      const [judged] = await tx.eventsByDots([dot]);
      return { ...rebuilt, judged: judged! };
    });
    this.committed(
      log,
      cases.filter(({ status }) => status === 'open').map(({ id }) => id),
    );
    return judged;
  }

  async addOffice({
    office,
    name,
    subscribe,
  }: Pick<OfficeRow, 'office' | 'name' | 'subscribe'>): Promise<OfficeRow> {
    assertOfficeId(office);
    return this.#store.transaction(async (tx) => {
      await tx.lockLog(); // nobody else adds one meanwhile: a row that is not there cannot be locked
      const known = await tx.office(office);
      if (known !== null || office === this.office) {
        throw officeExists(office, known);
      }
      const row = newOffice(office, name, subscribe, this.#ports.nowMs());
      await tx.saveOffices([row]);
      return row;
    });
  }

  retireOffice(office: string): Promise<OfficeRow> {
    return this.#store.transaction(async (tx) => {
      const [known] = await tx.lockOffices([office]);
      if (known === undefined)
        throw new DomainError('unknown-office', `There is no office "${office}"`, { office });
      const row: OfficeRow = { ...known, status: 'retired', leaseUntilMs: 0 };
      await tx.saveOffices([row]);
      return row;
    });
  }

  takeInUntilDone(): Promise<number> {
    return this.#takeIn.untilDone();
  }

  keepUp(): Promise<void> {
    return this.#keepingUp.once();
  }

  startKeepingUp(): void {
    this.#keepingUp.start();
  }

  savePaused(paused: boolean): Promise<void> {
    return this.branch.savePaused(paused);
  }

  async close(): Promise<void> {
    this.datasets.close();
    const kept = this.#keepingUp.close();
    await this.#takeIn.close();
    await this.#commits.drained();
    await kept;
    await this.#store.close();
  }

  #toSubmission({ command, actor, idempotency, eventId }: CommandSubmission): Submission {
    const keyed = idempotency && keyedEventId(this.#ports, this.office, idempotency.key, idempotency.request);
    const isFixed = eventId !== undefined;
    return { command, actor, isFixed, eventId: eventId ?? keyed ?? this.#ports.newId() };
  }

  #appended(plan: AppendPlan): void {
    // One found again may have been committed by a try of which nobody heard.
    const isFound = plan.outcomes.some((outcome) => outcome.ok && outcome.replayed);
    if (plan.events.length > 0) this.#life.wrote(plan.tail);
    else if (!isFound) return;
    this.#tell(
      plan.tail,
      plan.position,
      plan.cases.filter(({ status }) => status === 'open').map(({ id }) => id),
    );
  }

  #tell(last: ChainPoint, position: number, cases: readonly string[]): void {
    for (const listener of this.#listeners) listener({ last, position, cases });
  }
}

function officeExists(office: string, known: OfficeRow | null): DomainError {
  const { status = 'active' } = known ?? {};
  const message =
    status === 'retired'
      ? `The office "${office}" was retired, which is for good: add the branch under another id`
      : `There is an office "${office}" already`;
  return new DomainError('office-exists', message, { office, status });
}
