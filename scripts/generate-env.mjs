#!/usr/bin/env node
// Writes the .env that docker-compose.yml needs, with passwords that nobody else has.
//   node scripts/generate-env.mjs [--force] [FILE]
// Plain JavaScript for Node 18, without dependencies: it runs before anything is installed.
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const DEFAULT_FILE = resolve(dirname(fileURLToPath(import.meta.url)), '..', '.env');
const PASSWORDS = [
  'POSTGRES_PASSWORD',
  'MARIADB_PASSWORD',
  'MARIADB_ROOT_PASSWORD',
  'RABBITMQ_PASSWORD',
  'RABBITMQ_HEAD_PASSWORD',
  'RABBITMQ_EAST_PASSWORD',
  'RABBITMQ_WEST_PASSWORD',
  'REDIS_PASSWORD',
];
const USAGE = `usage: node scripts/generate-env.mjs [--force] [FILE]
Writes FILE (.env beside docker-compose.yml unless told) with new random passwords.
  --force   replace a file that is there; the servers keep the old passwords in their volumes`;

/** Hexadecimal: it stands in URLs, shells and configuration files without being quoted. */
const password = () => randomBytes(24).toString('hex');

export function environmentText(passwordOf = password) {
  const secrets = Object.fromEntries(PASSWORDS.map((name) => [name, passwordOf(name)]));
  const amqp = `branchline:${secrets.RABBITMQ_PASSWORD}@127.0.0.1`;
  const tests = {
    BRANCHLINE_TEST_POSTGRES_URL: `postgresql://branchline:${secrets.POSTGRES_PASSWORD}@127.0.0.1:5432/postgres`,
    BRANCHLINE_TEST_MARIADB_URL: `mariadb://root:${secrets.MARIADB_ROOT_PASSWORD}@127.0.0.1:3306/`,
    BRANCHLINE_TEST_AMQP_URL: `amqp://${amqp}:5672`,
    BRANCHLINE_TEST_AMQP_MANAGEMENT_URL: `http://${amqp}:15672`,
    BRANCHLINE_TEST_REDIS_URL: `redis://:${secrets.REDIS_PASSWORD}@127.0.0.1:6379/0`,
  };
  return [
    '# Written by scripts/generate-env.mjs for docker-compose.yml. It holds passwords: do not commit or share it.',
    'COMPOSE_PROFILES=offices',
    '',
    ...lines(secrets),
    '',
    '# Where the servers of "docker compose --profile services up -d --wait" are, for the tests:',
    '#   set -a; . ./.env; set +a; npm test',
    ...lines(tests),
    '',
  ].join('\n');
}

function lines(variables) {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}

/** Whole or not at all, and never readable by others, not even for a moment. */
function write(file, text, force) {
  const written = force ? `${file}.${process.pid}.new` : file;
  writeFileSync(written, text, { mode: 0o600, flag: 'wx' });
  if (!force) return;
  try {
    renameSync(written, file);
  } catch (error) {
    rmSync(written, { force: true });
    throw error;
  }
}

function main(args) {
  const unknown = args.find((arg) => arg.startsWith('-') && !['--force', '--help'].includes(arg));
  const files = args.filter((arg) => !arg.startsWith('-'));
  if (unknown || files.length > 1 || args.includes('--help')) {
    process[unknown || files.length > 1 ? 'stderr' : 'stdout'].write(`${USAGE}\n`);
    return args.includes('--help') ? 0 : 64;
  }
  const file = resolve(files[0] ?? DEFAULT_FILE);
  const force = args.includes('--force');
  try {
    write(file, environmentText(), force);
  } catch (error) {
    process.stderr.write(`${explain(error, file)}\n`);
    return 1;
  }
  process.stdout.write(`Wrote ${file}. Only you can read it.\n`);
  if (force)
    process.stdout.write(
      'Servers that have run keep their old passwords: docker compose down --volumes deletes them and all their data.\n',
    );
  return 0;
}

function explain(error, file) {
  if (error.code === 'EEXIST')
    return `${file} is there already, and its passwords may be in use. --force replaces it.`;
  return `Cannot write ${file}: ${error.message}`;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
