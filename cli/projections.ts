import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as after } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { stringify } from 'csv-stringify';
import { DomainError } from '../domain/errors.ts';
import type { ProjectionView } from '../mixins/projections/projections.ts';
import { confirm } from './confirm.ts';
import { EXIT } from './exit.ts';
import { jobProgress } from './job-progress.ts';
import type { OfficeClient } from './office-client.ts';
import { type OutputOptions, print, say, table } from './output.ts';
import { type ReachOptions, withOffice } from './reach-office.ts';
import { assertWritable } from './writable-file.ts';

type Options = OutputOptions & ReachOptions;

interface JobOptions extends Options {
  readonly maxLoad?: string;
}

interface RebuildOptions extends JobOptions {
  readonly asOf?: string;
  readonly into?: string;
  readonly csv?: string;
}

const WHAT = `
Projections are tables folded from the log beside those of the datasets, which (\`sales\`, \`stock\`, ...) can be rebuilt and
verified, too. Selling goes on meanwhile. Work that was begun goes on in the office that runs, also after a kill; cancel ends it.`;
const LOG_FIRST = 'First see whether the log itself is as it was written: branchline verify.';
const LOG_CHANGED =
  'The log was changed in the database: to rebuild would fold it as it stands now. Restore a backup of before that.';
const TAKEN_AS_IT_IS =
  'The log was taken as it stands; whether it is as it was written says: branchline verify';
const ASK_AGAIN_MS = 250;
const POSITION = /^\d{1,15}$/;

export function addProjections(program: Command): void {
  const projections = program
    .command('projections')
    .description('tables that are folded from the log: how they stand, and to make them anew')
    .addHelpText('after', WHAT);
  const verb = (name: string, description: string) =>
    projections
      .command(name)
      .description(description)
      .option('--url <url>', 'of a running office')
      .option('--json', 'answer in JSON');
  verb('list', 'how far each is, and what is being done with it').action(list);
  verb('rebuild <name>', 'fold it anew from the log; the old table serves until the new one is ready')
    .option('--max-load <share>', 'of the time that it may work: above 0, at most 1', share)
    .option(
      '--as-of <moment>',
      'a position of this log, or a time (2026-04-01T09:30:00Z): into a table of its own',
    )
    .option('--into <table>', 'with --as-of: its name')
    .option('--csv <file>', 'with --as-of: to a file, and keep no table')
    .addHelpText('after', WHAT)
    .action(rebuild);
  verb('verify <name>', 'compare it with a fresh fold; names the first line that differs (exit code 65)')
    .option('--max-load <share>', 'of the time that it may work: above 0, at most 1', share)
    .addHelpText('after', WHAT)
    .action(verify);
  verb('cancel <name>', 'give up what is being done with it').action(cancel);
  verb('drop <name>', 'drop its table').option('--yes', 'do not ask').action(drop);
}

function share(text: string): string {
  const number = /^(0?\.\d+|1(\.0+)?)$/.test(text) ? Number(text) : 0;
  if (number >= 0.01) return text;
  throw new InvalidArgumentError('It must be a number from 0.01 to 1.');
}

async function list(options: Options): Promise<void> {
  const items = await withOffice(options, async (client) => {
    const { items } = await client.get<{ items: ProjectionView[] }>('/api/projections');
    return items;
  });
  print(items, options, () =>
    items.length === 0 ? 'Nothing is projected yet: start the office.' : tableOf(items),
  );
}

function tableOf(items: readonly ProjectionView[]): string {
  const heading = ['NAME', 'KIND', 'STATE', 'POSITION', 'BEHIND', 'SET ASIDE', 'JOB'];
  const rows = items.map((one) => [
    one.name,
    one.kind,
    one.state,
    one.position,
    one.behind,
    one.failures,
    jobText(one),
  ]);
  const failing = items.flatMap(({ name, failing }) =>
    failing.map(
      ({ office, id, reason, detail }) => `${name} leaves out ${office}/${id}: ${reason}, ${detail}`,
    ),
  );
  return [table(heading, rows), ...failing].join('\n');
}

function jobText({ job }: ProjectionView): string {
  if (job === null) return '-';
  const { kind, phase, events, eventsTotal, endedAt, cancelled, waitsFor, problem, difference } = job;
  if (problem !== null) return `${kind} failed: ${problem.detail}`;
  if (phase === 'done' && difference !== null) return `${kind} found a difference`;
  if (waitsFor === 'newer-program') return `${kind} waits for the newer program that began it`;
  if (waitsFor === 'readers')
    return `${kind} waits for those who read ${kind === 'rebuild' ? 'the old' : 'its'} table`;
  if (cancelled && endedAt === null) return `${kind} is cancelled, and ends while the office runs`;
  return phase === 'filling' ? `${kind}, ${events} of ${eventsTotal} events` : `${kind} ${phase}`;
}

async function rebuild(name: string, options: RebuildOptions): Promise<void> {
  const { asOf } = options;
  if (asOf !== undefined) return rebuildAsOf(name, asOf, options);
  if (options.into !== undefined || options.csv !== undefined)
    throw new DomainError('usage', '--into and --csv go with --as-of MOMENT');
  const view = await withOffice({ ...options, writes: true }, async (client) => {
    await client.post(`${pathOf(name)}/rebuild`, loadOf(options));
    return finished(client, name);
  });
  print(view, options, () => doneText(view));
}

async function rebuildAsOf(name: string, asOf: string, options: RebuildOptions): Promise<void> {
  const { into, csv } = options;
  if ((into === undefined) === (csv === undefined))
    throw new DomainError('usage', 'With --as-of say either --into TABLE or --csv FILE');
  if (csv !== undefined) assertWritable(csv);
  const target = into ?? `as_of_${Date.now()}`;
  const moment = POSITION.test(asOf) ? { position: Number(asOf) } : { time: asOf };
  let rows: number | null = null;
  const view = await withOffice({ ...options, writes: true }, async (client) => {
    await client.post(`${pathOf(name)}/as-of`, { ...loadOf(options), into: target, ...moment });
    try {
      const done = await finished(client, target, csv === undefined ? null : () => throwAway(client, target));
      if (csv !== undefined) rows = await writeCsv(client, done, csv);
      return done;
    } finally {
      if (csv !== undefined) await throwAway(client, target);
    }
  });
  const where = csv ?? `the table ${target}`;
  const nothing = rows === 0 ? ' It is empty: nothing had been written then.' : '';
  print(
    csv === undefined ? view : { ...view, csv, rows },
    options,
    () => `${name} as of ${asOf} is in ${where}.${nothing}`,
  );
}

/** One that is still being made goes when it is cancelled, and not by itself. */
async function throwAway(client: OfficeClient, name: string): Promise<void> {
  await client.post(`${pathOf(name)}/cancel`).catch(() => {});
  await client.delete(pathOf(name)).catch(() => {});
}

/** Returns the number of rows. */
async function writeCsv(
  client: OfficeClient,
  { name, fields }: ProjectionView,
  path: string,
): Promise<number> {
  let count = 0;
  async function* counted(): AsyncGenerator<object> {
    for await (const row of client.all<object>(`${pathOf(name)}/rows`, { limit: 1_000 })) {
      count += 1;
      yield row;
    }
  }
  const asText = stringify({ header: true, columns: [...fields], cast: { boolean: String } });
  await pipeline(Readable.from(counted()), asText, createWriteStream(path));
  return count;
}

async function verify(name: string, options: JobOptions): Promise<void> {
  const view = await withOffice({ ...options, writes: true }, async (client) => {
    await client.post(`${pathOf(name)}/verify`, loadOf(options));
    return finished(client, name);
  });
  const difference = view.job?.difference ?? null;
  print(view, options, () =>
    difference === null ? `${name} is what its events fold to.` : differenceText(view),
  );
  if (difference !== null) process.exitCode = EXIT.data;
}

function differenceText({ name, job }: ProjectionView): string {
  const { key, table: stored, expected } = job!.difference!;
  const keyText = Object.entries(key).map(([field, value]) => `${field}=${value}`);
  const shown = (value: object | null) => (value === null ? 'not there' : JSON.stringify(value));
  const isOfLog = expected !== null && 'status' in expected && 'event' in expected;
  return [
    `${name} differs from what its events fold to, first at ${keyText.join(' ')}`,
    `${isOfLog ? 'log     ' : 'table   '}  ${shown(stored)}`,
    `expected  ${shown(expected)}`,
    isOfLog ? LOG_CHANGED : `${LOG_FIRST} Make it anew with: branchline projections rebuild ${name}`,
  ].join('\n');
}

/**
 * Follows a job to its end. Who presses Ctrl-C leaves it to the office, unless there is something to be done then.
 * @throws DomainError `projection-failed`, `projection-cancelled`
 */
async function finished(
  client: OfficeClient,
  name: string,
  interrupted: (() => Promise<void>) | null = null,
): Promise<ProjectionView> {
  const progress = jobProgress();
  const onInterrupt = () => {
    if (interrupted !== null) return void interrupted().finally(() => process.exit(EXIT.tryAgain));
    say(`The office that runs goes on with it: branchline projections cancel ${name} ends it.`);
    process.exit(EXIT.tryAgain);
  };
  process.once('SIGINT', onInterrupt);
  try {
    for (;;) {
      const view = await client.get<ProjectionView>(pathOf(name));
      if (view.job === null || view.job.endedAt !== null) return assertDone(view);
      progress.show(view.job);
      await after(ASK_AGAIN_MS);
    }
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    progress.stop();
  }
}

function assertDone(view: ProjectionView): ProjectionView {
  const { name, job } = view;
  if (job?.phase === 'cancelled')
    throw new DomainError('projection-cancelled', `The ${job.kind} of ${name} was cancelled`, {
      projection: name,
    });
  if (job?.phase === 'failed')
    throw new DomainError('projection-failed', `The ${job.kind} of ${name} failed: ${job.problem?.detail}`, {
      projection: name,
      problem: job.problem,
    });
  return view;
}

function doneText({ name, job, failures }: ProjectionView): string {
  const rate = job === null ? '' : `: ${job.events} events, ${job.eventsPerSecond} a second`;
  const left = failures === 0 ? '' : `\n${failures} could not be entered: branchline projections list`;
  return `${name} is rebuilt${rate}.${left}\n${TAKEN_AS_IT_IS}`;
}

async function cancel(name: string, options: Options): Promise<void> {
  const view = await withOffice({ ...options, writes: true }, (client) =>
    client.post<ProjectionView>(`${pathOf(name)}/cancel`),
  );
  print(view, options, () => cancelledText(view));
}

function cancelledText({ name, kind, job }: ProjectionView): string {
  if (job === null || job.endedAt !== null) return `Nothing is being done with ${name}.`;
  if (job.phase === 'swapping')
    return `What was being done with ${name} is given up, unless its new table is in its place already.`;
  if (kind === 'as-of') return `The making of ${name} is given up; its table goes.`;
  return `What was being done with ${name} is given up; the table that is there serves on.`;
}

async function drop(name: string, { yes, ...options }: Options & { readonly yes?: true }): Promise<void> {
  if (yes !== true) await confirm(name, `The table ${name} goes; it can be rebuilt from the log.`, options);
  const dropped = await withOffice({ ...options, writes: true }, (client) =>
    client.delete<object>(pathOf(name)),
  );
  print(dropped, options, () => `${name} is dropped.`);
}

function loadOf({ maxLoad }: JobOptions): object {
  return maxLoad === undefined ? {} : { maxLoad: Number(maxLoad) };
}

function pathOf(name: string): string {
  return `/api/projections/${encodeURIComponent(name)}`;
}
