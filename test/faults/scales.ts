// How much an office really holds: the program knows nothing of it.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OfficeProcess, Settings } from '../e2e/office-process.ts';
import { makeFolder, removeFolder } from '../harness/folder.ts';
import { eventually } from '../harness/wait.ts';
import { SCALES_FOLDER } from './scales-folder.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'weigh-when-told.ts')).href;
const MIB = 1024 * 1024;

/** For any number of offices that are started with its settings. */
export class Scales {
  readonly settings: Settings;
  readonly #folder: string;

  private constructor(folder: string) {
    this.settings = { NODE_OPTIONS: `--import=${PRELOAD}`, [SCALES_FOLDER]: folder };
    this.#folder = folder;
  }

  static async make(): Promise<Scales> {
    return new Scales(await makeFolder('scales'));
  }

  /** Heap and buffers in MiB, without what nobody uses any more. */
  async weigh({ pid }: OfficeProcess): Promise<number> {
    const file = join(this.#folder, String(pid));
    process.kill(pid!, 'SIGUSR2');
    await eventually(() => expectThere(file), 30_000);
    const bytes = Number(readFileSync(file, 'utf8'));
    rmSync(file);
    return bytes / MIB;
  }

  remove(): Promise<void> {
    return removeFolder(this.#folder);
  }
}

function expectThere(file: string): void {
  if (!existsSync(file)) throw new Error('the office has not been weighed');
}
