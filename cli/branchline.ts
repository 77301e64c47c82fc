import { Command, CommanderError } from 'commander';
import type { Catalogue } from '../domain/datasets/catalogue.ts';
import { isDatasetName } from '../domain/datasets/check-dataset.ts';
import { BUILT_IN } from '../domain/datasets/registry.ts';
import { DomainError } from '../domain/errors.ts';
import { PROGRAM } from '../mixins/program.ts';
import { addConflicts } from './conflicts.ts';
import { addDatasets } from './datasets.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addEntities, addUnknownEntities, ENTITY_VERBS } from './entities.ts';
import { addEvents } from './events.ts';
import { EXIT, exitCodeOf } from './exit.ts';
import { addExport } from './export.ts';
import { addImport } from './import.ts';
import { addMigrate } from './migrate.ts';
import { knownDatasets } from './known-dataset.ts';
import { addOffices } from './offices.ts';
import { addProjections } from './projections.ts';
import { addQuarantine } from './quarantine.ts';
import { printError } from './output.ts';
import { addRepl } from './repl.ts';
import { addStart } from './start.ts';
import { addSync } from './sync.ts';
import { addVerify } from './verify.ts';

const SETTINGS_HELP = `
An office is described by environment variables. Few are needed:
  OFFICE_ID      head, west, ...                 OFFICE_ROLE    head or branch (branch)
  DATABASE_URL   sqlite:PATH, postgresql://, mariadb://, mysql:// (sqlite:data/OFFICE_ID.sqlite)
  LINK_URL       amqp:// or amqps://             HOST, PORT     127.0.0.1, 3000
  SYNC_MODE      auto or manual (auto)           SYNC_WINDOWS   20:00-22:00,...
  SUBSCRIBE      own or all (own)                LOG_LEVEL      info
  DATASETS_DIR   a folder with declarations of further datasets
  OFFICE_NAME, OFFICE_TIMEZONE, HEAD_PARTITIONS, DISK_RESERVE_MB, CONFLICT_ALARM_HOURS, RETENTION_DAYS,
  REDIS_URL, TRANSPORTER

Exit codes: 0 done, 1 failed, 64 wrong usage, 65 wrong data, 69 unavailable, 75 try again later, 78 wrong settings.`;

/** Why there may be datasets, and commands, that are not known. */
let whyUnknown: unknown = null;

function program(datasets: Catalogue): Command {
  const branchline = new Command('branchline')
    .description('Keeps the databases of a head office and its branches in step.')
    .version(PROGRAM)
    .addHelpText('after', SETTINGS_HELP)
    .showHelpAfterError('(branchline --help shows what there is)')
    .exitOverride();
  const verbs = [
    addStart,
    addDemo,
    addSync,
    addImport,
    addExport,
    addOffices,
    addConflicts,
    addDatasets,
    addEvents,
  ];
  for (const add of [...verbs, addVerify, addQuarantine, addProjections, addMigrate, addDoctor, addRepl])
    add(branchline);
  addEntities(branchline, datasets);
  const [name = '', verb = ''] = process.argv.slice(2);
  const isKnown = branchline.commands.some((command) => command.name() === name);
  if (!isKnown && isDatasetName(name) && ENTITY_VERBS.includes(verb)) addUnknownEntities(branchline, name);
  return branchline;
}

/** What is wrong with the others is told by whatever needs them, and not by --help. */
async function datasetsOrBuiltIn(): Promise<Catalogue> {
  return knownDatasets().catch((error: unknown) => {
    whyUnknown = error;
    return BUILT_IN;
  });
}

function exitCodeAfter(error: unknown): number {
  const json = process.argv.includes('--json');
  const isUnknown = error instanceof CommanderError && error.code === 'commander.unknownCommand';
  if (isUnknown && whyUnknown !== null) return exitCodeAfter(whyUnknown);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done;
    if (json) printError(new DomainError('usage', error.message.replace(/^error: /, '')), { json });
    return EXIT.usage; // people have been told by commander
  }
  printError(error, { json });
  return exitCodeOf(error);
}

// Whoever reads along may have seen enough: `branchline events | head`. A terminal that was closed says SIGHUP, too.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code !== 'EIO') process.exit(code === 'EPIPE' ? EXIT.done : EXIT.failed);
});
process.stderr.on('error', () => {}); // nobody is there to be told

try {
  await program(await datasetsOrBuiltIn()).parseAsync();
} catch (error) {
  process.exitCode = exitCodeAfter(error);
}
