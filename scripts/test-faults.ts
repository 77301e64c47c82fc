// npm run test:faults: every fault on every pair of databases, on real servers; takes the arguments of jest,
// e.g. --shard 1/4, or a path.
import { startAllServers } from '../test/harness/all-servers.ts';
import { jestArgs } from './checks.ts';
import { runScript, runShown, Stop } from './steps.ts';

/** Offices, servers and sellers share the machine: one file at a time, or they starve each other. */
async function main(args: readonly string[]): Promise<void> {
  const servers = await startAllServers();
  try {
    const paths = args.some((arg) => arg.includes('test/')) ? [] : ['test/faults/'];
    const env = { ...servers.env, BRANCHLINE_FAULTS: 'all' };
    const exitCode = await runShown({
      name: 'faults',
      args: jestArgs('--runInBand', ...args, ...paths),
      env,
    });
    if (exitCode !== 0) throw new Stop(exitCode);
  } finally {
    await servers.remove();
  }
}

await runScript(() => main(process.argv.slice(2)));
