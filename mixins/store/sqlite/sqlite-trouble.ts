import type { Trouble } from '../trouble.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const FULL = 13;
const AWAY = new Set([8 /* READONLY */, 10 /* IOERR */, 14 /* CANTOPEN */, 7 /* NOMEM */]);
const REFUSED = new Set([3 /* PERM */, 11 /* CORRUPT */, 23 /* AUTH */, 26 /* NOTADB */]);

export function sqliteCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : null;
}

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

export function diagnoseSqlite(error: unknown): Trouble {
  const code = sqliteCode(error);
  if (code === null) return isOfFileSystem(error) ? 'refused' : 'defect';
  if (isBusy(error)) return 'again';
  if (code === FULL) return 'full';
  if (AWAY.has(code)) return 'away';
  return REFUSED.has(code) ? 'refused' : 'defect';
}

/** The folder of the file cannot be made. */
function isOfFileSystem(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && typeof syscall === 'string';
}
