import { errorType } from '../../domain/errors.ts';
import { dotOf } from '../../domain/event.ts';
import { refusalOf } from '../../domain/office/right-to-write.ts';
import type { EventRow, WaitingRow } from '../store/store.ts';
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

/**
 * Takes in what waits only because the program, or a declaration, that this office had before did not know it. Every other
 * event stays as it is. Answers how many came in, of those that stand in this database after a position. Looks before each
 * event whether the office still goes on.
 */
export async function judgeKnownNow(
  ledger: Pick<Ledger, 'read' | 'judgeAgain'>,
  datasetNamed: DatasetNamed,
  from: number,
  goesOn: () => boolean,
): Promise<number> {
  let [after, taken] = [from, 0];
  for (;;) {
    const page = await ledger.read.waiting(after, PAGE);
    for (const held of await knownNow(ledger, page, datasetNamed)) {
      if (!goesOn()) return taken;
      if (await judge(ledger, held)) taken += 1;
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

/** Of several of one entity the first takes in the others. */
async function judge(ledger: Pick<Ledger, 'judgeAgain'>, { event }: EventRow): Promise<boolean> {
  try {
    return (await ledger.judgeAgain(dotOf(event))).status === 'applied';
  } catch (error) {
    if (errorType(error) === 'event-applied') return true;
    throw error;
  }
}
