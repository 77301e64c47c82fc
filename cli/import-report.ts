import type { ImportReport } from '../mixins/import/import-sheet.ts';
import { say } from './output.ts';

/** Of the command: what was imported, and where the bad lines are. */
export interface Imported extends ImportReport {
  /** null where there are none, or none were to be kept. */
  readonly rejects: string | null;
}

const BAD_LINES_SHOWN = 20;

/** What was done with the lines, and what to do next. */
export function importText(report: Imported, encoding: string): string {
  const { badLines, bad } = report;
  for (const { line, reason } of badLines.slice(0, BAD_LINES_SHOWN)) say(`line ${line}: ${reason}`);
  if (bad > BAD_LINES_SHOWN) say(`... and ${bad - BAD_LINES_SHOWN} more bad lines; --json lists them`);
  return [`${report.file}: ${countsOf(report)}`, ...hintsOf(report, encoding)].join('\n');
}

function countsOf({ lines, skipped, added, known, existing, voided, ofOthers, bad }: ImportReport): string {
  const always = [`${lines} lines read`, `${added} added`, `${known} imported before`];
  const perhaps: readonly (readonly [number, string])[] = [
    [existing, 'already there'],
    [voided, 'voided in the sheet'],
    [ofOthers, 'of other offices'],
    [skipped, 'passed over'],
  ];
  const some = perhaps.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [...always, ...some, `${bad} bad`].join(', ');
}

function hintsOf(
  { file, known, added, existing, ofOthers, bad, rejects }: Imported,
  encoding: string,
): string[] {
  const hints: string[] = [];
  if (known > 0 && added === 0)
    hints.push(
      `${known} lines were imported before, and nothing was changed: ids come from the file and the row, whatever ` +
        '--map says. What came in wrong is amended or voided, not imported again.',
    );
  if (existing > 0)
    hints.push(
      `${existing} were there already under their ids, and are as they were (--new-ids takes them as new).`,
    );
  if (ofOthers > 0)
    hints.push(
      `Lines of other offices (${ofOthers}) are passed over: at the head, --office says which to import.`,
    );
  if (bad > 0) hints.push(rejects === null ? adviceWithout(file) : adviceWith(file, rejects, encoding));
  return hints;
}

function adviceWith(file: string, rejects: string, encoding: string): string {
  const options = /^utf-?8$/i.test(encoding) ? 'the same options' : 'the same options, but --encoding utf-8';
  return (
    `The bad lines are in ${rejects}: mend them there and import that file, with ${options}. ` +
    `Mended in ${file}, and that imported again, the good lines would be added twice.`
  );
}

function adviceWithout(file: string): string {
  return (
    'Copy the heading and the bad lines to another file, mend them there and import that. ' +
    `Mended in ${file}, and that imported again, the good lines would be added twice.`
  );
}
