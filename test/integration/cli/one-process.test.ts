// The real commands on one database of a server: beside each other, after each other, and where nothing is yet.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { branchline, OfficeProcess, type Settings } from '../../e2e/office-process.ts';
import { openRaw } from '../../contract/store-raw.ts';
import { freePort } from '../../harness/ports.ts';
import { databasesUnderTest, testDatabase, type TestPlace } from '../../harness/servers.ts';

jest.setTimeout(120_000);
const servers = databasesUnderTest().filter((kind) => kind === 'postgresql' || kind === 'mariadb');

describe.each(servers)('the commands of a branch on %s', (kind) => {
  let place: TestPlace;
  let settings: Settings;
  const started: OfficeProcess[] = [];

  beforeEach(async () => {
    place = await testDatabase(kind);
    settings = { OFFICE_ID: 'west', DATABASE_URL: place.url };
  });
  afterEach(async () => {
    for (const office of started.splice(0)) await office.stop();
    await place.drop();
  });

  /** As somebody asks who does not know where the office listens. */
  const elsewhere = async (...args: string[]) =>
    branchline([...args, '--json'], { ...settings, PORT: String(await freePort()) });

  it('leave an empty database as it is when they only look, and say what to do', async () => {
    for (const args of [['events'], ['export'], ['conflicts', 'list']]) {
      const { code, stdout } = await elsewhere(...args);
      expect(code).toBe(78);
      expect(JSON.parse(stdout).error).toMatchObject({ type: 'database-empty', setting: 'DATABASE_URL' });
    }
    expect((await elsewhere('doctor')).code).toBe(0);
    const raw = await openRaw(kind, place.url);
    const schema = kind === 'postgresql' ? 'current_schema()' : 'database()';
    expect(
      await raw.run(`select table_name from information_schema.tables where table_schema = ${schema}`),
    ).toEqual([]);
    await raw.close();
  });

  it('let one process run, and another one after a kill', async () => {
    const first = await OfficeProcess.start(settings);
    started.push(first);
    const second = await elsewhere('start');
    expect(second.code).toBe(69);
    expect(JSON.parse(second.stdout).error).toMatchObject({
      type: 'database-in-use',
      setting: 'DATABASE_URL',
      holder: { pid: first.pid },
    });
    expect(await elsewhere('migrate')).toMatchObject({ code: 69 });
    expect(await elsewhere('events')).toMatchObject({ code: 0 });
    await first.kill();
    expect(await elsewhere('migrate')).toMatchObject({ code: 0 });
    started.push(await OfficeProcess.start(settings));
  });
});
