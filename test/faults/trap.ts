// kill -9 at a named moment: the office kills itself there (kill-at-moment.ts), and this waits for it.
import { expect } from '@jest/globals';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Moment } from '../../mixins/moments.ts';
import type { OfficeProcess, Settings } from '../e2e/office-process.ts';
import { makeFolder, removeFolder } from '../harness/folder.ts';
import { eventually } from '../harness/wait.ts';
import { SPRUNG_FILE, TRAP_FILE, TRAP_FOLDER, type Sprung } from './trap-files.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'kill-at-moment.ts')).href;

/** For one office, however often it is started. */
export class Trap {
  readonly settings: Settings;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.settings = { NODE_OPTIONS: `--import=${PRELOAD}`, [TRAP_FOLDER]: folder };
  }

  static async make(): Promise<Trap> {
    return new Trap(await makeFolder('trap'));
  }

  set(moment: Moment, pass = 1): void {
    const file = join(this.#folder, TRAP_FILE);
    writeFileSync(`${file}.new`, JSON.stringify({ moment, pass }));
    renameSync(`${file}.new`, file);
  }

  /** Resolves when the office is dead, and has died of this trap. */
  async sprung(office: OfficeProcess, deadlineMs = 60_000): Promise<Sprung> {
    const file = join(this.#folder, SPRUNG_FILE);
    const { pid } = office;
    await eventually(() => {
      if (!existsSync(file)) throw new Error(`the trap has not sprung:\n${office.output.slice(-4_000)}`);
    }, deadlineMs);
    expect(await office.ended()).toBe('SIGKILL');
    const sprung = JSON.parse(readFileSync(file, 'utf8')) as Sprung;
    expect(sprung.pid).toBe(pid);
    rmSync(file);
    return sprung;
  }

  remove(): Promise<void> {
    return removeFolder(this.#folder);
  }
}
