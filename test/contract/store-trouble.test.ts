import { DomainError, errorType, isTransient } from '../../domain/errors.ts';
import { parseDatabaseUrl } from '../../mixins/store/database-url.ts';
import { diagnoseMysql } from '../../mixins/store/mysql/mysql-trouble.ts';
import { diagnosePostgres } from '../../mixins/store/postgresql/postgres-trouble.ts';
import { diagnoseSqlite } from '../../mixins/store/sqlite/sqlite-trouble.ts';
import { commitUnknown, databaseError } from '../../mixins/store/trouble.ts';

const failing = (work: () => unknown): DomainError => {
  try {
    work();
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('it did not fail');
};

describe('DATABASE_URL', () => {
  it.each([
    [
      'sqlite:data/west.sqlite',
      { family: 'sqlite', target: 'data/west.sqlite', shown: 'sqlite:data/west.sqlite' },
    ],
    ['sqlite:///var/lib/west.sqlite', { family: 'sqlite', target: '/var/lib/west.sqlite' }],
    [
      'postgresql://u:p@db:5433/head',
      { family: 'postgresql', shown: 'postgresql://db:5433/head', databaseName: 'head' },
    ],
    ['postgres://u@db/head', { family: 'postgresql', target: 'postgres://u@db/head' }],
    [
      'mariadb://u:p@127.0.0.1/w%20x',
      { family: 'mariadb', databaseName: 'w x', shown: 'mariadb://127.0.0.1/w x' },
    ],
    ['mysql://u:p@db/west', { family: 'mysql' }],
  ])('may be %s', (url, expected) => {
    expect(parseDatabaseUrl(url)).toMatchObject(expected);
  });

  it.each([
    '',
    'west.sqlite',
    'sqlite:',
    'sqlite::memory:',
    'sqlite:west.sqlite?mode=ro',
    'mongodb://u:secret@db/west',
    'postgresql://u:secret@db',
    'postgresql://u:secret@db/',
    'mariadb://u:secret@/west',
    'mysql://u:secret@db:port/west',
    'mysql://u:secret@db/%ff',
    'SQLITE:west.sqlite',
  ])('cannot be "%s"', (url) => {
    const error = failing(() => parseDatabaseUrl(url));
    expect(errorType(error)).toBe('invalid-database-url');
    expect(error.message).toContain('DATABASE_URL');
    expect(JSON.stringify([error.message, error.data])).not.toContain('secret');
  });
});

describe('the trouble with a database', () => {
  const of = (fields: object) => Object.assign(new Error('as the driver says'), fields);
  it.each([
    [diagnosePostgres, { code: '40P01' }, 'again'],
    [diagnosePostgres, { code: '40001' }, 'again'],
    [diagnosePostgres, { code: '55P03' }, 'again'],
    [diagnosePostgres, { code: '57P01' }, 'lost'],
    [diagnosePostgres, { code: 'ECONNRESET' }, 'lost'],
    [diagnosePostgres, { message: 'Connection terminated unexpectedly' }, 'lost'],
    [diagnosePostgres, { message: 'Query read timeout' }, 'away'],
    [diagnosePostgres, { message: 'timeout exceeded when trying to connect' }, 'away'],
    [diagnosePostgres, { code: 'ECONNREFUSED' }, 'away'],
    [diagnosePostgres, { code: '53300' }, 'away'],
    [diagnosePostgres, { code: '53100' }, 'full'],
    [diagnosePostgres, { code: '57014' }, 'away'],
    [diagnosePostgres, { code: '25006' }, 'away'],
    [diagnosePostgres, { code: '57P03' }, 'away'],
    [diagnosePostgres, { code: '28P01' }, 'refused'],
    [diagnosePostgres, { code: '3D000' }, 'refused'],
    [diagnosePostgres, { code: '23505' }, 'defect'],
    [diagnosePostgres, { code: '08P01' }, 'defect'],
    [diagnoseMysql, { errno: 1213, code: 'ER_LOCK_DEADLOCK' }, 'again'],
    [diagnoseMysql, { errno: 1205, code: 'ER_LOCK_WAIT_TIMEOUT' }, 'again'],
    [diagnoseMysql, { errno: 1927, code: 'ER_CONNECTION_KILLED' }, 'lost'],
    [diagnoseMysql, { code: 'PROTOCOL_CONNECTION_LOST' }, 'lost'],
    [diagnoseMysql, { code: 'PROTOCOL_SEQUENCE_TIMEOUT' }, 'away'],
    [diagnoseMysql, { code: 'ECONNRESET', errno: -104, syscall: 'read' }, 'lost'],
    [diagnoseMysql, { code: 'ETIMEDOUT', errno: -110, syscall: 'connect' }, 'away'],
    [diagnoseMysql, { code: 'ECONNREFUSED', errno: -111 }, 'away'],
    [diagnoseMysql, { errno: 1040, code: 'ER_CON_COUNT_ERROR' }, 'away'],
    [diagnoseMysql, { errno: 1290, code: 'ER_OPTION_PREVENTS_STATEMENT' }, 'away'],
    [diagnoseMysql, { errno: 1045, code: 'ER_ACCESS_DENIED_ERROR' }, 'refused'],
    [diagnoseMysql, { errno: 1049, code: 'ER_BAD_DB_ERROR' }, 'refused'],
    [diagnoseMysql, { errno: 1062, code: 'ER_DUP_ENTRY' }, 'defect'],
    [diagnoseSqlite, { errcode: 5 }, 'again'],
    [diagnoseSqlite, { errcode: 517 }, 'again'],
    [diagnoseMysql, { errno: 1021, code: 'ER_DISK_FULL' }, 'full'],
    [diagnoseMysql, { errno: 1114, code: 'ER_RECORD_FILE_FULL' }, 'full'],
    [
      diagnoseMysql,
      { errno: 1030, message: 'Got error 28 "No space left on device" from storage engine' },
      'full',
    ],
    [diagnoseSqlite, { errcode: 13 }, 'full'],
    [diagnoseSqlite, { errcode: 778 }, 'away'],
    [diagnoseSqlite, { errcode: 14 }, 'away'],
    [diagnoseSqlite, { errcode: 26 }, 'refused'],
    [diagnoseSqlite, { errcode: 2067 }, 'defect'],
    [diagnoseSqlite, { code: 'ENOTDIR', syscall: 'mkdir' }, 'refused'],
    [diagnoseSqlite, {}, 'defect'],
  ] as const)('is told by %p from %j: %s', (diagnose, fields, expected) => {
    expect(diagnose(of(fields))).toBe(expected);
  });

  it('is told to callers in their own words', () => {
    const cause = new Error('gone');
    const types = (['again', 'lost', 'away', 'full', 'refused'] as const).map((trouble) => {
      const error = databaseError(trouble, cause, 'mysql://db/west');
      return [errorType(error), isTransient(error), (error as Error).cause === cause];
    });
    expect(types).toEqual([
      ['busy', true, true],
      ['database-unavailable', true, true],
      ['database-unavailable', true, true],
      ['disk-full', true, true],
      ['database-refused', false, true],
    ]);
    expect(databaseError('defect', cause, 'x')).toBe(cause);
    expect(isTransient(commitUnknown(cause, 'x'))).toBe(true);
  });
});
