import { errorType, isTransient, messageOf } from '../../domain/errors.ts';
import { dotName, dotOf } from '../../domain/event.ts';
import { refusalOf } from '../../domain/office/right-to-write.ts';
import type { EventRow, WaitingRow } from '../store/store.ts';
import type { LedgerAlarm } from './apply-alarms.ts';
import type { Ledger } from './ledger.ts';
import type { DatasetNamed } from './write-plan.ts';

const PAGE = 500;
/** Why events wait that only another program, or another declaration, can take in. */
const UNKNOWN: ReadonlySet<string> = new Set([
  'unknown-dataset',
  'unknown-type',
  'version-unknown',
  'unknown-field',
  'invalid-data',
]);
/** Somebody was quicker. */
const GONE: ReadonlySet<string> = new Set(['event-discarded', 'unknown-event']);

export interface KnownNow {
  readonly ledger: Pick<Ledger, 'read' | 'judgeAgain'>;
  readonly datasetNamed: DatasetNamed;
  /** Asked before each event. */
  readonly goesOn: () => boolean;
  readonly onAlarm: (alarm: LedgerAlarm) => void;
}

/**
 * Takes in what waits only because the program, or a declaration, that this office had before did not know it. Every other
 * event stays as it is, and so does one that cannot be judged: it is told, and holds up none behind it. Answers how many
 * came in, of those that stand in this database after a position.
 */
export async function judgeKnownNow(setting: KnownNow, from: number): Promise<number> {
  const { ledger, datasetNamed, goesOn } = setting;
  let [after, taken] = [from, 0];
  for (;;) {
    const page = await ledger.read.waiting(after, PAGE);
    for (const held of await knownNow(ledger, page, datasetNamed)) {
      if (!goesOn()) return taken;
      if (await judge(setting, held)) taken += 1;
    }
    if (page.length < PAGE) return taken;
    after = page.at(-1)!.position;
  }
}

async function knownNow(
  { read }: Pick<Ledger, 'read'>,
  page: readonly WaitingRow[],
  datasetNamed: DatasetNamed,
): Promise<EventRow[]> {
  const positions = page.filter(({ reason }) => UNKNOWN.has(reason)).map(({ position }) => position);
  if (positions.length === 0) return [];
  const { headOffice } = await read.logRow();
  const held = await read.eventsAt(positions);
  return held.filter(({ event }) => refusalOf(event, headOffice, datasetNamed) === null);
}

async function judge({ ledger, onAlarm }: KnownNow, { event }: EventRow): Promise<boolean> {
  try {
    return (await ledger.judgeAgain(dotOf(event))).status === 'applied';
  } catch (error) {
    const type = errorType(error);
    if (type === 'event-applied') return true; // of several of one entity the first takes in the others
    if (GONE.has(type)) return false;
    if (isTransient(error)) throw error;
    onAlarm({ type: 'event-not-judged', detail: `${dotName(event)} still waits: ${messageOf(error)}` });
    return false;
  }
}
