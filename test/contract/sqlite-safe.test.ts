import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqliteDatabase } from '../../mixins/store/sqlite/sqlite-database.ts';

describe('what a killed process has left in the write-ahead log', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'branchline-sqlite-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);

  /** The files as a process leaves them that ends in the middle. */
  function killed(): string {
    const dying = new DatabaseSync(at('dying'));
    dying.exec('pragma journal_mode = wal; create table t (n); insert into t values (7)');
    copyFileSync(at('dying'), at('left'));
    copyFileSync(at('dying-wal'), at('left-wal'));
    dying.close();
    return at('left');
  }

  it('is safe in the database itself before the next process reads it', async () => {
    const database = new SqliteDatabase(killed());
    await database.open();
    copyFileSync(at('left'), at('alone'));
    await database.close();
    const alone = new DatabaseSync(at('alone'));
    expect(alone.prepare('select n from t').all()).toEqual([{ n: 7 }]);
    alone.close();
  });
});
