import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BUILT_IN } from '../../domain/datasets/registry.ts';
import { createStore } from '../../mixins/store/create-store.ts';
import { follow } from '../../mixins/store/projections/known-events.ts';
import { newestOfLives } from '../../mixins/store/rows/event-reading.ts';
import { SqliteSql } from '../../mixins/store/sqlite/sqlite-sql.ts';
import type { Sql } from '../../mixins/store/sql.ts';

describe('what SQLite makes of questions about a part of a log', () => {
  let folder: string;
  let db: DatabaseSync;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'branchline-plans-'));
    const url = `sqlite:${join(folder, 'west')}`;
    const store = createStore({ url, office: 'west', role: 'branch', datasets: BUILT_IN.all });
    await store.open();
    await store.close();
    db = new DatabaseSync(join(folder, 'west'));
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  it('follows the log from one moment to the next without going through the rest of it', async () => {
    const asked = new Set<string>();
    await follow(listening(asked), 'sales', { position: 10, lateNo: 3 }, { position: 20, lateNo: 5 });
    const plans = [...asked].flatMap(planOf);
    expect(plans).toContain('SEARCH event USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)');
    expect(plans).toContain('SEARCH late USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)');
    expect(plans.filter((step) => /^SCAN|\(dataset=\?\)/.test(step))).toEqual([]);
  });

  it('finds the newest event of each life of an office without reading the others', async () => {
    const asked = new Set<string>();
    await newestOfLives(listening(asked), 'west', 3);
    const plans = [...asked].flatMap(planOf);
    expect(plans).toContain('SEARCH e USING INDEX event_office_seq_epoch (office=? AND seq=? AND epoch=?)');
  });

  it('adds a column to the table of a dataset without reading its rows', () => {
    const steps = db.prepare(`explain alter table sales add column extra text null default 'none'`).all();
    const opcodes = steps.map(({ opcode }) => opcode);
    expect(opcodes).toContain('ParseSchema');
    expect(opcodes).not.toContain('VOpen'); // quick_check, a table to itself
  });

  function planOf(text: string): string[] {
    const steps = db.prepare(`explain query plan ${text}`).all();
    return steps.map(({ detail }) => String(detail));
  }

  function listening(asked: Set<string>): Sql {
    class Listening extends SqliteSql {
      override all(...[text, values]: Parameters<Sql['all']>) {
        asked.add(text);
        return super.all(text, values);
      }
    }
    return new Listening(db);
  }
});
