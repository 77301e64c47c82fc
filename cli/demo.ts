import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import type { DemoData, DemoOptions } from './demo/run-demo.ts';
import { say } from './output.ts';
import { runUntilStopped } from './run-until-stopped.ts';

interface Options {
  readonly reset?: boolean;
  readonly port: string;
  readonly data: string;
  readonly dataDir: string;
}

const HELP = `
The offices keep what they have under ./data/demo, or ./data/superstore, and go on with it after a restart. One demo
at a time runs on them; another one needs --data-dir and --port of its own.
The head listens on the port, the branches on the ones behind it: east, west, and central, south with superstore.`;

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('a head and its branches in this process, with data, and a tour to try')
    .option('--reset', 'begin anew')
    .option('--port <number>', 'of the head', '3000')
    .option('--data <set>', 'sheet: six sales of two branches; superstore: 9,994 of four', 'sheet')
    .option('--data-dir <folder>', 'where the offices keep what they have', 'data')
    .addHelpText('after', HELP)
    .action(demo);
}

async function demo(options: Options): Promise<void> {
  const chosen = demoOptions(options);
  const { runDemo } = await import('./demo/run-demo.ts');
  const { tourOf } = await import('./demo/tour.ts');
  say(
    chosen.data === 'superstore'
      ? 'Opening the offices, and loading 9,994 sales ...'
      : 'Opening the offices ...',
  );
  const running = await runDemo(chosen);
  process.stdout.write(`${tourOf(running)}\n`);
  await runUntilStopped(() => running.stop());
}

function demoOptions({ reset = false, port, data, dataDir }: Options): DemoOptions {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_531)
    throw new DomainError('usage', '--port must be a number from 1 to 65531');
  if (data !== 'sheet' && data !== 'superstore')
    throw new DomainError('usage', '--data must be sheet or superstore');
  if (dataDir === '') throw new DomainError('usage', '--data-dir must name a folder');
  return { reset, port: number, data: data satisfies DemoData, folder: dataDir };
}
