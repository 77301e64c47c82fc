import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import type { DemoData, DemoOptions, RunningDemo } from './demo/run-demo.ts';
import { oneOf, wholeNumber } from './options.ts';
import { type OutputOptions, print, say } from './output.ts';
import { runUntilStopped } from './run-until-stopped.ts';

interface DemoFlags {
  readonly reset?: boolean;
  readonly port: string;
  readonly data: DemoData;
  readonly dataDir: string;
}

type Options = OutputOptions & DemoFlags;

const HELP = `
The offices keep what they have under ./data/demo, or ./data/superstore, and go on with it after a restart. One demo
at a time runs on them; another one needs --data-dir and --port of its own.
The head listens on the port, the branches on the ones behind it: east, west, and central, south with superstore.`;

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('a head and its branches in this process, with data, and a tour to try')
    .option('--reset', 'begin anew')
    .option('--port <number>', 'of the head', wholeNumber(1, 65_531), '3000')
    .addOption(
      oneOf('--data <set>', 'sheet: six sales of two branches; superstore: 9,994 of four', [
        'sheet',
        'superstore',
      ]).default('sheet'),
    )
    .option('--data-dir <folder>', 'where the offices keep what they have', 'data')
    .option('--json', 'say where the offices listen as JSON, without the tour')
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
  const ended = runUntilStopped(() => running.stop());
  print(officesOf(running), options, () => tourOf(running));
  await ended;
}

function officesOf({ offices, paused }: RunningDemo): object {
  const views = offices.map(({ office: { config, database }, url }) => {
    const { office, role } = config;
    return { office, role, url, database, paused: paused.includes(office) };
  });
  return { offices: views };
}

function demoOptions({ reset = false, port, data, dataDir }: DemoFlags): DemoOptions {
  if (dataDir === '') throw new DomainError('usage', '--data-dir must name a folder');
  return { reset, port: Number(port), data, folder: dataDir };
}
