import { EXIT, exitCodeOf } from './exit.ts';
import { type OutputOptions, printError, say } from './output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Whoever presses Ctrl-C does not wait for a server that hangs. */
const STOP_DEADLINE_MS = 8_000;

/** Who stops a whole group of processes (systemd, a shell) is heard twice: scripts/run.mjs passes its signal on. */
const ONE_STOP_MS = 500;

interface UntilStopped extends OutputOptions {
  /** Resolves when what runs cannot go on; the process then ends with this error. */
  readonly failed?: Promise<Error>;
}

/** Ends the process after a signal, from now on, and an orderly stop; a second signal ends it at once. */
export async function runUntilStopped(
  stop: () => Promise<void>,
  { failed, ...output }: UntilStopped = {},
): Promise<void> {
  process.on('unhandledRejection', (reason) => say(`branchline: unexpected: ${textOf(reason)}`));
  const signalled = new Promise<null>((resolve) => onStop(SIGNALS, () => resolve(null)));
  const failure = await (failed === undefined ? signalled : Promise.race([signalled, failed]));
  if (failure !== null) printError(failure, output);
  endAtAnotherSignal();
  setTimeout(() => process.exit(EXIT.failed), STOP_DEADLINE_MS).unref();
  await stop();
  process.exit(failure === null ? EXIT.done : exitCodeOf(failure)); // a transporter that was never reached is looked for even now
}

function endAtAnotherSignal(): void {
  const stoppedAtMs = performance.now();
  const end = (): void => {
    if (performance.now() - stoppedAtMs > ONE_STOP_MS) process.exit(EXIT.failed);
  };
  for (const signal of SIGNALS) process.on(signal, end);
}

/** Also when scripts/run.mjs, which started this process, is killed without being able to pass that on. */
export function onStop(signals: readonly NodeJS.Signals[], end: () => void): void {
  for (const signal of signals) process.once(signal, end);
  process.once('disconnect', end);
  if (process.connected === false) end(); // killed already; undefined: nobody holds a channel to this process
  process.channel?.unref();
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
}
