import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DomainError } from '../domain/errors.ts';

/** Before the work that would be lost. @throws DomainError `unwritable-file` */
export function assertWritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw unwritable(path, isMissing ? 'there is no such folder' : (error as Error).message);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw unwritable(path, 'it is a folder');
}

export function unwritable(path: string, why: string): DomainError {
  return new DomainError('unwritable-file', `The file "${path}" cannot be written: ${why}`, { path });
}
