import type { REPLServer } from 'node:repl';
import type { Command } from 'commander';
import { hasOfficeConfig, officeConfig } from './config.ts';
import { say } from './output.ts';
import { onStop } from './run-until-stopped.ts';
import { takeDatabase } from './take-database.ts';

export function addRepl(program: Command): void {
  program
    .command('repl')
    .description(
      'run the office with a Moleculer console on its services; without OFFICE_ID the demo, at its head',
    )
    .action(repl);
}

async function repl(): Promise<void> {
  const { broker, stop } = await runOffices();
  say('For example: services, actions, call sales.list, call sync.status. exit ends.');
  let isEnding = false;
  const end = () => {
    if (!isEnding) void stop().then(() => process.exit());
    isEnding = true;
  };
  const console = broker.repl() as unknown as REPLServer;
  console.removeAllListeners('exit'); // its own stops the broker alone, and leaves database and link as they are
  console.once('exit', end);
  onStop(['SIGTERM', 'SIGHUP'], end);
}

async function runOffices() {
  if (hasOfficeConfig()) return runOffice();
  const { runDemo } = await import('./demo/run-demo.ts');
  const demo = await runDemo({ port: 3000, data: 'sheet', folder: 'data', reset: false });
  return { broker: demo.offices[0]!.broker, stop: () => demo.stop() };
}

async function runOffice() {
  const config = officeConfig();
  const soleUse = takeDatabase(config);
  const { serveOffice } = await import('./serve-office.ts');
  const { broker, stop } = await serveOffice(config);
  return { broker, stop: () => stop().then(() => soleUse.release()) };
}
