// A database server that answers and refuses: whoever asks the doctor is told what to correct, and not to start it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../mixins/config.ts';
import { checkDatabase } from '../../mixins/doctor/check-database.ts';
import { freePort } from '../harness/ports.ts';
import { databasesUnderTest, testDatabase, type TestPlace } from '../harness/servers.ts';

const servers = databasesUnderTest().filter((kind) => kind !== 'sqlite');

describe.each(servers)('the doctor, about %s', (kind) => {
  let place: TestPlace;
  beforeAll(async () => {
    place = await testDatabase(kind);
  });
  afterAll(() => place.drop());

  const adviceOn = async (change: (url: URL) => void) => {
    const url = new URL(place.url);
    change(url);
    const findings = await checkDatabase(
      readConfig({ OFFICE_ID: 'west', OFFICE_ROLE: 'branch', DATABASE_URL: url.href }),
    );
    expect(findings).toHaveLength(1);
    return findings[0]!;
  };

  it('says to correct a database that is missing', async () => {
    const { detail, advice } = await adviceOn((url) => (url.pathname = '/no_such_database'));
    expect(detail).toMatch(/no_such_database/);
    expect(advice).toMatch(/^Correct DATABASE_URL/);
  });

  it('says to correct a user that is refused', async () => {
    const { advice } = await adviceOn((url) => {
      url.username = 'nobody_here';
      url.password = 'not-that-one';
    });
    expect(advice).toMatch(/^Correct DATABASE_URL/);
  });

  it('says to start one that does not answer', async () => {
    const port = String(await freePort());
    const { advice } = await adviceOn((url) => (url.port = port));
    expect(advice).toMatch(/^Start the database/);
  });
});
