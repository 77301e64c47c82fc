// npm run check: everything that needs no server, in under two minutes.
import { serverlessSuites, simulations, staticChecks } from './checks.ts';
import { runQuietly, runScript } from './steps.ts';

await runScript(async () => {
  for (const step of [...staticChecks(), ...serverlessSuites(), ...simulations()]) await runQuietly(step);
});
