// A file system of its own, so small that it can be filled.
import { spawnSync } from 'node:child_process';
import { chmod, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, removeFolder } from './folder.ts';
import { leftovers } from './leftovers.ts';

const MIB = 1024 * 1024;
const BLOCK = 4096;

function mount(folder: string, mib: number): string | null {
  const options = `size=${mib}m,mode=0755`;
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], {
    encoding: 'utf8',
  });
  return status === 0 ? null : (error?.message ?? stderr).trim();
}

function unmount(folder: string): void {
  if (spawnSync('umount', [folder]).status !== 0) spawnSync('umount', ['--lazy', folder]);
}

/** Tried once; null where one can be made. */
export function whyNoSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'branchline-mount-'));
  const why = mount(folder, 1);
  if (why === null) unmount(folder);
  rmdirSync(folder);
  return why;
}

export class SmallDisk {
  readonly folder: string;
  readonly #ballast: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#ballast = join(folder, 'ballast');
  }

  static async mount(mib: number): Promise<SmallDisk> {
    const folder = await makeFolder('disk');
    const why = mount(folder, mib);
    if (why !== null) throw new Error(`no tmpfs can be mounted: ${why}`);
    leftovers.add({ mount: folder });
    await chmod(folder, 0o755);
    return new SmallDisk(folder);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Somebody else's file takes what is there but for so many bytes. */
  async fill(leaveBytes = 0): Promise<void> {
    const file = await open(this.#ballast, 'a');
    try {
      for (const step of [MIB, BLOCK]) {
        const part = Buffer.alloc(step);
        while (this.freeBytes >= leaveBytes + step) await file.write(part);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error; // others were quicker
    } finally {
      await file.close();
    }
  }

  async clear(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  async remove(): Promise<void> {
    unmount(this.folder);
    leftovers.drop({ mount: this.folder });
    await removeFolder(this.folder);
  }
}
