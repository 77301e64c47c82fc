import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Step } from './steps.ts';

/** Fixed seeds, one hundred of both kinds: a history of months costs three times as much as one of dense minutes. */
const SEEDS_OF_MINUTES = 90;
const SEEDS_OF_MONTHS = 10;
const PROGRAM = ['domain', 'mixins', 'services', 'cli', 'migrations', 'console', 'deploy'];
const HOUSES = [...PROGRAM, 'bench', 'test', 'scripts'];
const CONFIGURATIONS = ['moleculer.config.ts', 'mikro-orm.config.ts'];

const tool = (path: string): string => `node_modules/${path}`;
const present = (paths: readonly string[]): string[] =>
  paths.filter((path) => existsSync(resolve(import.meta.dirname, '..', path)));

export const jestArgs = (...args: readonly string[]): string[] => [
  '--experimental-vm-modules',
  tool('jest/bin/jest.js'),
  ...args,
];

/** What can be said about the program without running it. */
export const staticChecks = (): Step[] => [
  { name: 'format', args: [tool('prettier/bin/prettier.cjs'), '--check', '.'] },
  { name: 'lint', args: [tool('eslint/bin/eslint.js'), '--max-warnings=0', '.'] },
  { name: 'types', args: [tool('typescript/bin/tsc')] },
  {
    name: 'imports',
    args: [
      tool('dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config=.dependency-cruiser.mjs',
      ...present([...HOUSES, ...CONFIGURATIONS]),
    ],
  },
];

const simulationOf = (name: string, ...options: string[]): Step => ({
  name,
  args: ['test/simulation/simulate.ts', ...options],
});

export const simulations = (): Step[] => [
  simulationOf('simulation of minutes', '--tempo', 'hours', '--seeds', String(SEEDS_OF_MINUTES)),
  simulationOf(
    'simulation of months',
    ...['--tempo', 'seasons', '--from', String(SEEDS_OF_MINUTES + 1), '--seeds', String(SEEDS_OF_MONTHS)],
  ),
];

/** The suites that need no server. */
export const serverlessSuites = (): Step[] => [
  { name: 'unit', args: jestArgs('test/unit') },
  {
    name: 'contract',
    args: jestArgs('test/contract'),
    env: { BRANCHLINE_TEST_DATABASES: 'sqlite', BRANCHLINE_TEST_LINKS: 'in-process' },
  },
];
