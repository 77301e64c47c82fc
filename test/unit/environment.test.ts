import { databasesUnderTest, linksUnderTest } from '../harness/environment.ts';
import { testPostgres } from '../harness/servers.ts';

function withVariable<T>(name: string, value: string | undefined, work: () => T): T {
  const before = process.env[name];
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

describe('the choice of databases and links', () => {
  it('is all of them unless the environment says otherwise', () => {
    const databases = withVariable('BRANCHLINE_TEST_DATABASES', undefined, databasesUnderTest);
    expect(databases).toEqual(['sqlite', 'postgresql', 'mariadb', 'mysql']);
    expect(withVariable('BRANCHLINE_TEST_LINKS', undefined, linksUnderTest)).toEqual(['in-process', 'amqp']);
  });

  it('is what the environment says', () =>
    expect(withVariable('BRANCHLINE_TEST_DATABASES', 'mysql, sqlite', databasesUnderTest)).toEqual([
      'sqlite',
      'mysql',
    ]));

  it('refuses a word it does not know, rather than test nothing', () =>
    expect(() => withVariable('BRANCHLINE_TEST_LINKS', 'ampq', linksUnderTest)).toThrow('ampq'));
});

it('says how to run the tests when there is no server', async () => {
  const asked = withVariable('BRANCHLINE_TEST_POSTGRES_URL', undefined, testPostgres);
  await expect(asked).rejects.toThrow('npm test');
});
