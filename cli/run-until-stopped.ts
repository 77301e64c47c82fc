import { EXIT } from './exit.ts';
import { say } from './output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Whoever presses Ctrl-C does not wait for a server that hangs. */
const STOP_DEADLINE_MS = 8_000;

/** Ends the process after a signal, from now on, and an orderly stop; a second signal ends it at once. */
export async function runUntilStopped(stop: () => Promise<void>): Promise<void> {
  process.on('unhandledRejection', (reason) => say(`branchline: unexpected: ${textOf(reason)}`));
  await new Promise<void>((resolve) => onStop(SIGNALS, resolve));
  for (const signal of SIGNALS) process.on(signal, () => process.exit(EXIT.failed));
  setTimeout(() => process.exit(EXIT.failed), STOP_DEADLINE_MS).unref();
  await stop();
  process.exit(EXIT.done); // a transporter that was never reached is looked for even now
}

/** Also when scripts/run.mjs, which started this process, is killed without being able to pass that on. */
export function onStop(signals: readonly NodeJS.Signals[], end: () => void): void {
  for (const signal of signals) process.once(signal, end);
  process.once('disconnect', end);
  process.channel?.unref();
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
}
