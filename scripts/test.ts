// npm test: every check and every suite, on real servers.
// npm test -- ARGUMENTS: only jest, with these arguments, on the same servers.
import { startAllServers, type AllServers } from '../test/harness/all-servers.ts';
import { jestArgs, simulation, staticChecks } from './checks.ts';
import { runQuietly, runScript, runShown, Stop, type Step } from './steps.ts';

const SERVERLESS = /^(\.\/)?test\/(unit|simulation)\b/;
const NO_SERVERS: AllServers = { env: {}, remove: () => Promise.resolve() };

const suites = (env: AllServers['env']): Step[] => [
  { name: 'suites', args: jestArgs('test/(unit|contract|integration|simulation)/'), env },
  // Whole offices as processes of their own: one at a time, or they starve each other.
  { name: 'e2e', args: jestArgs('--runInBand', 'test/e2e/'), env },
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
  const codes: number[] = [];
  for (const step of steps) codes.push(await runShown(step));
  const failed = codes.find((code) => code !== 0);
  if (failed !== undefined) throw new Stop(failed);
}

async function withServers(
  servers: AllServers,
  stepsWith: (env: AllServers['env']) => Step[],
): Promise<void> {
  try {
    await runAll(stepsWith(servers.env));
  } finally {
    await servers.remove();
  }
}

async function runEverything(): Promise<void> {
  for (const step of [...staticChecks(), simulation]) await runQuietly(step);
  await withServers(await startServers(), suites);
}

async function runChosen(args: readonly string[]): Promise<void> {
  const paths = args.filter((arg) => arg.includes('test/'));
  const isServerless = paths.length > 0 && paths.every((path) => SERVERLESS.test(path));
  const servers = isServerless ? NO_SERVERS : await startServers();
  await withServers(servers, (env) => [{ name: 'chosen', args: jestArgs(...args), env }]);
}

const chosen = process.argv.slice(2);
await runScript(() => (chosen.length > 0 ? runChosen(chosen) : runEverything()));
