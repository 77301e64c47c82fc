import { isTransient } from '../../domain/errors.ts';
import type { Journal, Office } from '../../mixins/office.ts';
import { realTime, type Scheduler } from '../../mixins/sync/scheduler.ts';

/** The conflicts of an office that nobody has settled yet. */
export interface OpenConflicts {
  readonly open: number;
  /** Open for longer than `alarmHours`. */
  readonly overdue: number;
  readonly alarmHours: number;
}

const HOUR_MS = 3_600_000;
const LOOK_EVERY_MS = 60_000;
const TELL_AGAIN_MS = 24 * HOUR_MS;

export async function openConflicts(
  office: Pick<Office, 'ledger' | 'ports' | 'config'>,
): Promise<OpenConflicts> {
  const alarmHours = office.config.conflictAlarmHours;
  const openedBefore = new Date(office.ports.nowMs() - alarmHours * HOUR_MS).toISOString();
  const { read } = office.ledger();
  const [open, overdue] = await Promise.all([
    read.countCases({ status: 'open' }),
    read.countCases({ status: 'open', openedBefore }),
  ]);
  return { open, overdue, alarmHours };
}

/** Tells the log of the head when conflicts wait too long for a person: when they are more than before, and once a day. */
export class OverdueWatch {
  readonly #office: Pick<Office, 'ledger' | 'ports' | 'config'>;
  readonly #journal: Pick<Journal, 'warn' | 'info'>;
  readonly #scheduler: Scheduler;
  #told = 0;
  #toldAtMs = 0;
  #cancel: () => void = () => {};
  #isStopped = false;

  constructor(
    office: Pick<Office, 'ledger' | 'ports' | 'config'>,
    journal: Pick<Journal, 'warn' | 'info'>,
    scheduler: Scheduler = realTime,
  ) {
    this.#office = office;
    this.#journal = journal;
    this.#scheduler = scheduler;
  }

  /** From now on every minute. */
  async look(): Promise<void> {
    try {
      this.#tell(await openConflicts(this.#office));
    } catch (error) {
      if (!isTransient(error)) this.#journal.warn(`Cannot look for conflicts that wait: ${String(error)}`);
    }
    if (!this.#isStopped) this.#cancel = this.#scheduler.after(LOOK_EVERY_MS, () => void this.look());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #tell({ overdue, alarmHours }: OpenConflicts): void {
    const nowMs = this.#office.ports.elapsedMs();
    const isDue = overdue > this.#told || (overdue > 0 && nowMs - this.#toldAtMs >= TELL_AGAIN_MS);
    if (overdue === 0 && this.#told > 0)
      this.#journal.info(`No conflict has waited longer than ${alarmHours} hours any more.`);
    if (isDue) {
      this.#toldAtMs = nowMs;
      this.#journal.warn(
        `conflicts-overdue: ${overdue} ${overdue === 1 ? 'conflict has' : 'conflicts have'} waited longer than ` +
          `${alarmHours} hours for a decision. See branchline conflicts list --status open --older-than ${alarmHours}h`,
      );
    }
    this.#told = overdue;
  }
}
