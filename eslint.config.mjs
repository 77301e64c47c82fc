import tseslint from 'typescript-eslint';

const ENVIRONMENT_READERS = [
  'moleculer.config.ts',
  'mikro-orm.config.ts',
  'mixins/config*.ts',
  'cli/config.ts',
];
const TOOLING = ['scripts/**', 'test/**', 'bench/**', 'deploy/**', '*.mjs'];

const noEnvironment = {
  object: 'process',
  property: 'env',
  message: 'Only the configuration files read the environment; take the value as an argument.',
};

const impure = (name, instead) => ({ name, message: `The domain is pure: ${instead}` });
const syntax = (selector, message) => ({ selector, message: `The domain is pure: ${message}` });

const IMPURE_GLOBALS = [
  impure('process', 'pass what you need in.'),
  impure('Buffer', 'use Uint8Array, TextEncoder and TextDecoder.'),
  impure('crypto', 'hashes and ids come through ports.ts.'),
  impure('performance', 'time arrives as data.'),
  impure('console', 'return what happened.'),
  impure('fetch', 'input and output belong to mixins.'),
  impure('Promise', 'it is synchronous.'),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) =>
    impure(name, 'timers are effects that the caller carries out.'),
  ),
];

const IMPURE_SYNTAX = [
  syntax("NewExpression[callee.name='Date'][arguments.length=0]", 'time arrives as data.'),
  syntax("CallExpression[callee.name='Date']", 'time arrives as data.'),
  syntax(':function[async=true]', 'it is synchronous.'),
  syntax('AwaitExpression', 'it is synchronous.'),
  syntax('ImportExpression', 'it is synchronous.'),
  syntax("TSTypeReference[typeName.name='Promise']", 'it is synchronous.'),
];

const typeAware = {
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/return-await': ['error', 'in-try-catch'],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
};

export default tseslint.config(
  { ignores: ['node_modules/', 'data/', 'dist/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...typeAware,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': ['error', noEnvironment],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'node:process', importNames: ['env'], message: noEnvironment.message }] },
      ],
    },
  },
  {
    files: ['domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...IMPURE_GLOBALS],
      'no-restricted-syntax': ['error', ...IMPURE_SYNTAX],
      'no-restricted-properties': [
        'error',
        noEnvironment,
        { object: 'Date', property: 'now', message: 'The domain is pure: time arrives as data.' },
        { object: 'Math', property: 'random', message: 'The domain is pure: chance arrives as data.' },
        { object: 'globalThis', message: 'The domain is pure: no way around the forbidden globals.' },
      ],
    },
  },
  {
    files: [...ENVIRONMENT_READERS, ...TOOLING],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  { files: ['test/**'], rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' } },
);
