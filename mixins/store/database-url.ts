import { DomainError } from '../../domain/errors.ts';
import type { Family } from './sql.ts';

export interface DatabaseAddress {
  readonly family: Family;
  /** As the drivers take it; for SQLite the path of the file. */
  readonly target: string;
  /** The database on its server; for SQLite the path again. */
  readonly databaseName: string;
  /** For messages: without user and password. */
  readonly shown: string;
}

const FAMILIES: Readonly<Record<string, Family>> = {
  'sqlite:': 'sqlite',
  'postgresql:': 'postgresql',
  'postgres:': 'postgresql',
  'mariadb:': 'mariadb',
  'mysql:': 'mysql',
};

/** @throws DomainError `invalid-database-url`, whose text never repeats the URL: it may hold a password. */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  const scheme = /^[a-z]+:/.exec(url)?.[0] ?? '';
  const family = FAMILIES[scheme];
  if (family === undefined) {
    throw invalid('must begin with sqlite:, postgresql://, mariadb:// or mysql://', scheme || 'no scheme');
  }
  return family === 'sqlite' ? fileAddress(url.slice(scheme.length)) : serverAddress(family, url);
}

function fileAddress(rest: string): DatabaseAddress {
  const path = rest.replace(/^\/\/(?=\/)/, '');
  if (path === '' || path.startsWith('//'))
    throw invalid('must name a file, as in sqlite:data/office.sqlite');
  if (path.includes('?') || path.includes(':memory:') || path.includes('\0')) {
    throw invalid('must name a file on disk, without options, as in sqlite:data/office.sqlite');
  }
  return { family: 'sqlite', target: path, databaseName: path, shown: `sqlite:${path}` };
}

function serverAddress(family: Family, url: string): DatabaseAddress {
  const parsed = URL.parse(url);
  const expected = `must look like ${family}://user:password@host:port/database`;
  if (parsed === null || parsed.hostname === '') throw invalid(expected);
  const database = decoded(parsed.pathname.slice(1));
  if (database === null || database === '' || database.includes('/')) throw invalid(expected);
  return { family, target: url, databaseName: database, shown: `${family}://${parsed.host}/${database}` };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function invalid(reason: string, actual?: string): DomainError {
  return new DomainError('invalid-database-url', `DATABASE_URL ${reason}`, {
    setting: 'DATABASE_URL',
    expected: reason,
    ...(actual === undefined ? {} : { actual }),
  });
}
