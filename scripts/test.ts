// npm test: every check and every suite, on real servers.
// npm test -- ARGUMENTS: only jest, with these arguments, on the same servers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAllServers, type AllServers } from '../test/harness/all-servers.ts';
import { jestArgs, simulations, staticChecks } from './checks.ts';
import { runQuietly, runScript, runShown, Stop, type Step } from './steps.ts';
import { type Outcome, summary } from './totals.ts';

const SERVERLESS = /^(\.\/)?test\/(unit|simulation)\b/;
const NO_SERVERS: AllServers = { env: {}, remove: () => Promise.resolve() };

const suites = (env: AllServers['env']): Step[] => [
  { name: 'suites', args: jestArgs('test/(unit|contract|integration|simulation)/'), env },
  // Whole offices as processes of their own: one at a time, or they starve each other.
  { name: 'e2e', args: jestArgs('--runInBand', 'test/(e2e|faults)/(?!.*\\.full\\.test)'), env },
];

async function startServers(): Promise<AllServers> {
  const started = performance.now();
  const servers = await startAllServers();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${'servers'.padEnd(12)} ok ${seconds.padStart(6)} s\n`);
  return servers;
}

/** Runs all steps, also after a failure, so that one run shows everything that is broken. */
async function runAll(steps: readonly Step[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'branchline-totals-'));
  try {
    const outcomes: Outcome[] = [];
    for (const step of steps) outcomes.push(await runCounted(step, join(folder, `${step.name}.json`)));
    process.stdout.write(`\n${summary(outcomes)}\n`);
    const failed = outcomes.find(({ exitCode }) => exitCode !== 0);
    if (failed) throw new Stop(failed.exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runCounted(step: Step, file: string): Promise<Outcome> {
  const started = performance.now();
  const exitCode = await runShown({ ...step, args: [...step.args, '--json', `--outputFile=${file}`] });
  return { name: step.name, exitCode, seconds: (performance.now() - started) / 1000, file };
}

async function withServers(
  servers: AllServers,
  work: (env: AllServers['env']) => Promise<void>,
): Promise<void> {
  try {
    await work(servers.env);
  } finally {
    await servers.remove();
  }
}

async function runEverything(): Promise<void> {
  for (const step of [...staticChecks(), ...simulations()]) await runQuietly(step);
  await withServers(await startServers(), (env) => runAll(suites(env)));
}

async function runChosen(args: readonly string[]): Promise<void> {
  const paths = args.filter((arg) => arg.includes('test/'));
  const isServerless = paths.length > 0 && paths.every((path) => SERVERLESS.test(path));
  const servers = isServerless ? NO_SERVERS : await startServers();
  await withServers(servers, async (env) => {
    const exitCode = await runShown({ name: 'chosen', args: jestArgs(...args), env });
    if (exitCode !== 0) throw new Stop(exitCode);
  });
}

const chosen = process.argv.slice(2);
await runScript(() => (chosen.length > 0 ? runChosen(chosen) : runEverything()));
