import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftovers } from './leftovers.ts';
import type { User } from './ordinary-user.ts';

/** A new folder under the system's temporary folder, removed at the latest when this process ends. */
export async function makeFolder(name: string, owner?: User): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `branchline-${name}-`));
  leftovers.add({ folder });
  if (owner) await chown(folder, owner.uid, owner.gid);
  await chmod(folder, 0o700);
  return folder;
}

/** For a server: the folder that it was given, or a new one. */
export async function folderFor(
  name: string,
  owner: User | undefined,
  { folder }: { readonly folder?: string },
): Promise<string> {
  return folder === undefined ? makeFolder(name, owner) : makeSubfolder(folder, name, owner);
}

export async function makeSubfolder(parent: string, name: string, owner?: User): Promise<string> {
  const folder = join(parent, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (owner) await chown(folder, owner.uid, owner.gid);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  leftovers.drop({ folder });
}
