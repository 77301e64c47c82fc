import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { readConfig } from '../../mixins/config.ts';

interface Service {
  readonly image: string;
  readonly profiles: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly restart: string;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
}

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(ROOT, file), 'utf8');
const text = read('docker-compose.yml');
const { services, volumes, networks } = parse(text, { merge: true }) as Compose;
const all = Object.entries(services);
const inProfile = (profile: string): string[] =>
  all.filter(([, { profiles }]) => profiles.includes(profile)).map(([name]) => name);
const OFFICES = ['head', 'east', 'west'];
const ONE_SHOTS = ['broker-users', 'add-offices'];

/** What compose would put in, the name of the variable standing in for its value. */
const interpolated = (value: string): string =>
  value.replace(
    /\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}/g,
    (_, name: string, fallback?: string) => fallback ?? name,
  );

it('starts a head, two branches and their servers, or only servers, but nothing unasked', () => {
  expect(inProfile('offices')).toEqual([
    'broker-users',
    'head',
    'add-offices',
    'east',
    'west',
    'postgres',
    'mariadb',
    'rabbitmq',
    'redis',
  ]);
  expect(inProfile('services')).toEqual(['test-postgres', 'test-mariadb', 'test-rabbitmq', 'test-redis']);
  for (const [, { profiles }] of all) expect(profiles).toHaveLength(1);
});

describe('secrets', () => {
  const SECRET = /PASS|AUTH|:\/\/[^/]*:[^/]*@/;
  const secretValues = all.flatMap(([, { environment = {} }]) =>
    Object.entries(environment).filter(([name, value]) => SECRET.test(name) || SECRET.test(value)),
  );

  it('come from variables that have no default and must be set', () => {
    expect(secretValues.length).toBeGreaterThan(10);
    for (const [, value] of secretValues)
      expect(value).toMatch(/\$\{[A-Z_]+_PASSWORD:\?run node scripts\/generate-env\.mjs\}/);
  });

  it('are all in the file that the script writes', () => {
    const needed = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name));
    const offered = [...read('.env.example').matchAll(/^(\w+_PASSWORD)=$/gm)].map(([, name]) => name);
    expect([...needed].sort()).toEqual([...offered].sort());
  });

  it('have no default and stand nowhere else', () => {
    expect(text).not.toMatch(/PASSWORD:-/);
    expect(text).not.toMatch(/ALLOW_EMPTY|guest/i);
    for (const [, { environment = {} }] of all)
      for (const [name, value] of Object.entries(environment))
        if (/PASS|AUTH/.test(name)) expect(value).toMatch(/^\$\{\w+:\?/);
  });
});

it.each(all)('%s is confined', (_, { cap_drop, security_opt, read_only, user, image }) => {
  expect(cap_drop).toEqual(['ALL']);
  expect(security_opt).toEqual(['no-new-privileges:true']);
  expect(read_only === true || image.startsWith('rabbitmq')).toBe(true);
  expect(user ?? userOfImage(image)).not.toBe('root');
});

function userOfImage(image: string): string {
  if (!image.startsWith('branchline')) return 'root';
  return [...read('Dockerfile').matchAll(/^USER (\w+)$/gm)].at(-1)?.[1] ?? 'root';
}

it.each(all)('%s says whether it is well, and comes back', (name, { healthcheck, restart }) => {
  const isOneShot = ONE_SHOTS.includes(name);
  expect(healthcheck.disable === true).toBe(isOneShot);
  expect(healthcheck.test !== undefined).toBe(!isOneShot);
  expect(restart).toBe(isOneShot ? 'on-failure:5' : 'unless-stopped');
});

it('publishes ports on this machine only, unless told otherwise', () => {
  const published = all.flatMap(([, { ports = [] }]) => ports);
  expect(published).toHaveLength(8);
  for (const port of published) expect(interpolated(port)).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

it('keeps what must not be lost in named volumes', () => {
  const mounts = inProfile('offices').flatMap((name) => services[name]!.volumes ?? []);
  const named = mounts.filter((mount) => !mount.startsWith('.')).map((mount) => mount.split(':')[0]);
  expect(named.sort()).toEqual(Object.keys(volumes).sort());
});

it('mounts only files that are there', () => {
  const files = all
    .flatMap(([, { volumes: mounts = [] }]) => mounts)
    .filter((mount) => mount.startsWith('.'));
  expect(files.length).toBeGreaterThan(0);
  for (const mount of files) expect(existsSync(resolve(ROOT, mount.split(':')[0]!))).toBe(true);
});

it('starts each in its turn', () => {
  const conditions = (name: string) => services[name]!.depends_on;
  const healthy = { condition: 'service_healthy' };
  const completed = { condition: 'service_completed_successfully' };
  expect(conditions('broker-users')).toEqual({ rabbitmq: healthy });
  expect(conditions('head')).toEqual({ postgres: healthy, 'broker-users': completed, redis: healthy });
  expect(conditions('add-offices')).toEqual({ head: healthy });
  for (const branch of ['east', 'west'])
    expect(conditions(branch)).toMatchObject({ 'add-offices': completed });
  expect(conditions('east')).toMatchObject({ mariadb: healthy });
});

it('lets only an office reach its database', () => {
  expect(Object.keys(networks).filter((name) => networks[name]?.internal)).toEqual(['head', 'east']);
  expect(services['postgres']!.networks).toEqual(['head']);
  expect(services['mariadb']!.networks).toEqual(['east']);
  expect(services['west']!.networks).toEqual(['line']);
});

it.each(OFFICES)('gives %s settings that the program accepts', (name) => {
  const { environment = {} } = services[name]!;
  const config = readConfig(
    Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, interpolated(value)])),
  );
  expect(config).toMatchObject({
    office: name,
    role: name === 'head' ? 'head' : 'branch',
    host: '0.0.0.0',
    port: 3000,
  });
  const password = `RABBITMQ_${name.toUpperCase()}_PASSWORD`;
  expect(config.linkUrl).toBe(`amqp://${name}:${password}@rabbitmq:5672/branchline`);
});

it('gives each office its own user at the broker, and shows it no other’s password', () => {
  const { command, environment = {} } = services['broker-users'] as unknown as {
    command: string[];
  } & Service;
  expect(command).toEqual(['branchline', ...OFFICES]);
  for (const name of OFFICES) {
    const password = `RABBITMQ_${name.toUpperCase()}_PASSWORD`;
    expect(environment[`${name.toUpperCase()}_PASSWORD`]).toContain(password);
    const shown = Object.values(services[name]!.environment!)
      .join()
      .match(/RABBITMQ_\w+/g);
    expect(shown).toEqual([password]);
  }
});

it('adds each branch to the head', () => {
  const { command } = services['add-offices'] as unknown as { command: string[] };
  expect(command.slice(1).map((office) => office.split('=')[0])).toEqual(OFFICES.slice(1));
});

it('pins the major version of every image', () => {
  const images = new Set(all.map(([, { image }]) => image));
  expect([...images].sort()).toEqual(
    ['branchline:0.1.0', 'mariadb:11', 'postgres:17', 'rabbitmq:4-management', 'redis:7'].sort(),
  );
  expect(read('package.json')).toContain('"version": "0.1.0"');
  for (const [, base] of read('Dockerfile').matchAll(/^FROM (\S+)/gm)) expect(base).toBe('node:24-slim');
});
