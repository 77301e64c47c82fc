import { createHash } from 'node:crypto';
import type { Hasher } from '../../domain/ports.ts';

export const testHasher: Hasher = {
  sha256: (...parts) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
};
