// Loaded into an office before its program, by NODE_OPTIONS: on SIGUSR2 it throws away what nobody uses any more and
// writes down how much is left, which resident memory does not tell.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SCALES_FOLDER } from './scales-folder.ts';

/** What has an end of its own, as a compressor, is gone only some turns after it was thrown away. */
const PASSES = 4;

const folder = process.env[SCALES_FOLDER];

if (folder !== undefined) {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => void weigh(folder, collectGarbage));
}

async function weigh(folder: string, collectGarbage: () => void): Promise<void> {
  for (let pass = 0; pass < PASSES; pass++) {
    collectGarbage();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  const file = join(folder, String(process.pid));
  writeFileSync(`${file}.new`, String(heapUsed + external));
  renameSync(`${file}.new`, file);
}
