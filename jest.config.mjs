export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Node strips the types of the tests exactly as it strips those of the program.
  transform: { '\\.ts$': '<rootDir>/scripts/strip-types.mjs' },
  modulePathIgnorePatterns: ['<rootDir>/data/', '<rootDir>/dist/'],
  maxWorkers: 2,
  testTimeout: 30_000,
};
