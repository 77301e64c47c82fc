// The program as it was before datasets could change, built from the history of this repository.
import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { createOffice } from '../../../mixins/running-office.ts';
import { makeFolder, removeFolder } from '../../harness/folder.ts';

/** The last one whose offices understand no `DatasetEvolved`. */
const BEFORE_EVOLUTIONS = '91369b4';
const HOUSE = ['domain', 'mixins', 'migrations', 'package.json'];
const run = promisify(execFile);

export interface OlderProgram {
  readonly createOffice: typeof createOffice;
  remove(): Promise<void>;
}

export async function olderProgram(): Promise<OlderProgram> {
  const folder = await makeFolder('older');
  const archive = join(folder, 'older.tar');
  await run('git', ['archive', '--output', archive, BEFORE_EVOLUTIONS, ...HOUSE]);
  await run('tar', ['-xf', archive, '-C', folder]);
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  const module = (await import(pathToFileURL(join(folder, 'mixins/running-office.ts')).href)) as {
    createOffice: typeof createOffice;
  };
  return { createOffice: module.createOffice, remove: () => removeFolder(folder) };
}
