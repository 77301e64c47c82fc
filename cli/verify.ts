import type { Command } from 'commander';
import type { VerifiedRun } from '../mixins/ledger/verify-chain.ts';
import type { OfficeView } from '../services/office-view.ts';
import { EXIT } from './exit.ts';
import { assertKnown } from './known-office.ts';
import type { OfficeClient } from './office-client.ts';
import { type OutputOptions, print, say, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';

interface VerifyOptions extends OutputOptions, ReachOptions {
  readonly author?: string;
}

type Verified = Omit<VerifiedRun, 'next'>;

const AT_ONCE = 10_000;
const TELL_EVERY = 100_000;
const ADVICE = [
  'At that event the database was changed past the program, or its disk fails. Keep a copy of the database, stop the office,',
  'and restore the last backup of which this command says "as written": what was synchronized since comes back by itself.',
  'Rebuild no projection before that: it would be folded from what stands there now.',
];

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'hold the logs that an office has against their hash chains: was anything changed behind its back?',
    )
    .option('--author <office>', 'only the log of this office')
    .option('--url <url>', 'of a running office')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
Each event has to follow from the one before it, its row in the database to say of it what it says itself, and the log to
end where the office knows that it came to. A branch has its own log, the head those of all offices. Of a head that was
restored from a backup, events of a life before may be "loose": what came before them is not held here, and what came
after the last of them, and would prove it, need not be either.
Tables are held against the log by: branchline projections verify NAME

${ADVICE.join('\n')}

Exit codes: 0 all as written, 65 a log is broken.`,
    )
    .action(verify);
}

async function verify(options: VerifyOptions): Promise<void> {
  const found = await withOffice(options, async (client) => {
    await assertKnown(client, options.author);
    const authors = options.author === undefined ? await authorsAt(client) : [options.author];
    const verified: Verified[] = [];
    for (const author of authors) verified.push(await verifyLog(client, author));
    return verified;
  });
  const isWhole = found.every(({ broken }) => broken === null);
  print({ ok: isWhole, logs: found }, options, () => [tableOf(found), ...(isWhole ? [] : ADVICE)].join('\n'));
  if (!isWhole) process.exitCode = EXIT.data;
}

function tableOf(found: readonly Verified[]): string {
  return table(
    ['LOG OF', 'EVENTS', 'LOOSE', 'FOUND'],
    found.map(({ office, events, loose, broken }) => [
      office,
      events,
      loose,
      broken === null ? 'as written' : `BROKEN at ${broken}`,
    ]),
  );
}

/** Whose logs are held whole. */
async function authorsAt(client: OfficeClient): Promise<string[]> {
  const live = await client.get<{ office: string; role: string }>('/health/live');
  if (live.role !== 'head') return [live.office];
  const { items } = await client.get<{ items: OfficeView[] }>('/api/offices');
  return [live.office, ...items.map(({ id }) => id)];
}

/** To its end, or to the first event that does not fit. */
async function verifyLog(client: OfficeClient, author: string): Promise<Verified> {
  let [events, loose] = [0, 0];
  for (let after: number | null = 0; after !== null;) {
    const run: VerifiedRun = await client.get('/api/events/verify', { author, after, limit: AT_ONCE });
    const isTold = Math.floor((events + run.events) / TELL_EVERY) > Math.floor(events / TELL_EVERY);
    events += run.events;
    loose += run.loose;
    if (isTold && process.stderr.isTTY) say(`${author}: ${events} events so far`);
    if (run.broken !== null) return { office: author, events, loose, broken: run.broken };
    after = run.next;
  }
  return { office: author, events, loose, broken: null };
}
