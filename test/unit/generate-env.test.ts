import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { VARIABLES } from '../harness/environment.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'branchline-env-'));
afterAll(() => rmSync(folder, { recursive: true }));

const generate = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/generate-env.mjs'), ...args], { encoding: 'utf8' });

function variables(file: string): Map<string, string> {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /^\w+=/.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

const passwordsIn = (file: string): string[] =>
  [...variables(file)].filter(([name]) => name.endsWith('_PASSWORD')).map(([, value]) => value);

it('writes a file that only its owner can read, even under a generous umask', () => {
  const file = join(folder, 'private.env');
  const before = process.umask(0);
  try {
    expect(generate(file)).toMatchObject({ status: 0 });
  } finally {
    process.umask(before);
  }
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('gives every password 192 random bits of its own', () => {
  const [one, other] = [join(folder, 'one.env'), join(folder, 'other.env')];
  generate(one);
  generate(other);
  const passwords = [...passwordsIn(one), ...passwordsIn(other)];
  expect(passwords).toHaveLength(16);
  expect(new Set(passwords).size).toBe(16);
  for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{48}$/);
});

it('leaves a file that is there alone', () => {
  const file = join(folder, 'mine.env');
  writeFileSync(file, 'POSTGRES_PASSWORD=mine\n');
  const { status, stderr } = generate(file);
  expect(status).toBe(1);
  expect(stderr).toContain('--force');
  expect(readFileSync(file, 'utf8')).toBe('POSTGRES_PASSWORD=mine\n');
});

it('replaces it when told to, also one that others could read', () => {
  const file = join(folder, 'old.env');
  writeFileSync(file, 'POSTGRES_PASSWORD=old\n', { mode: 0o644 });
  const { status, stdout } = generate('--force', file);
  expect(status).toBe(0);
  expect(stdout).toContain('keep their old passwords');
  expect(variables(file).get('POSTGRES_PASSWORD')).not.toBe('old');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('shows no password', () => {
  const file = join(folder, 'quiet.env');
  const { stdout, stderr } = generate(file);
  for (const password of passwordsIn(file)) expect(stdout + stderr).not.toContain(password);
});

it('refuses an option that it does not know', () => {
  expect(generate('--forse', join(folder, 'none.env'))).toMatchObject({ status: 64 });
});

it('writes what the example names, and where the tests find their servers', () => {
  const file = join(folder, 'example.env');
  generate(file);
  const written = variables(file);
  expect([...written.keys()]).toEqual([...variables(join(ROOT, '.env.example')).keys()]);
  const { postgres, mariadb, amqp, amqpManagement, redis } = VARIABLES;
  for (const variable of [postgres, mariadb, amqp, amqpManagement, redis])
    expect(new URL(written.get(variable)!).password).toBeTruthy();
});
