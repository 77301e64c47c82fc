/** The environment variables by which a test run tells its suites where the servers are. */
export const VARIABLES = {
  postgres: 'BRANCHLINE_TEST_POSTGRES_URL',
  mariadb: 'BRANCHLINE_TEST_MARIADB_URL',
  amqp: 'BRANCHLINE_TEST_AMQP_URL',
  amqpManagement: 'BRANCHLINE_TEST_AMQP_MANAGEMENT_URL',
  redis: 'BRANCHLINE_TEST_REDIS_URL',
  databases: 'BRANCHLINE_TEST_DATABASES',
  links: 'BRANCHLINE_TEST_LINKS',
} as const;

export const DATABASE_KINDS = ['sqlite', 'postgresql', 'mariadb', 'mysql'] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

export const LINK_KINDS = ['in-process', 'amqp'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/** A comma-separated choice out of `all`; everything when the variable is not set, an error on a wrong word. */
function chosen<T extends string>(variable: string, all: readonly T[]): T[] {
  const text = process.env[variable];
  if (!text) return [...all];
  const words = text.split(',').map((word) => word.trim());
  const unknown = words.filter((word) => !all.includes(word as T));
  if (unknown.length > 0)
    throw new Error(`${variable}: ${unknown.join(', ')} is not one of ${all.join(', ')}`);
  return all.filter((kind) => words.includes(kind));
}

export const databasesUnderTest = (): DatabaseKind[] => chosen(VARIABLES.databases, DATABASE_KINDS);
export const linksUnderTest = (): LinkKind[] => chosen(VARIABLES.links, LINK_KINDS);
