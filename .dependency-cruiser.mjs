const PURE_PACKAGES = '^node_modules/(canonicalize|big\\.js|@types/big\\.js|zod)/';
const OFFICES_AND_TOOLS = '^(scripts|test|bench)/';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** The houses of docs/ARCHITECTURE.md: who may import whom. */
export default {
  forbidden: [
    forbid('no-circular', 'Modules that need each other are one module.', {}, { circular: true }),
    forbid('no-unresolved', 'An import must exist.', {}, { couldNotResolve: true }),
    forbid(
      'domain-is-pure',
      'domain imports only domain and a fixed list of pure packages.',
      { path: '^domain/' },
      { pathNot: ['^domain/', PURE_PACKAGES] },
    ),
    forbid(
      'mixins-know-no-services',
      'mixins import domain, mixins, migrations and libraries.',
      { path: '^mixins/' },
      { path: '^(services|cli|console|deploy|bench|test|scripts)/' },
    ),
    forbid(
      'deploy-uses-mixins',
      'what runs beside the offices imports mixins and domain.',
      { path: '^deploy/' },
      { pathNot: '^(mixins|domain)/', dependencyTypesNot: ['core'] },
    ),
    forbid(
      'services-are-thin',
      'services import domain, mixins, moleculer and moleculer-web; every other library sits behind a mixin.',
      { path: '^services/' },
      { pathNot: ['^(domain|mixins|services)/', '^node_modules/moleculer(-web)?/'] },
    ),
    forbid(
      'services-meet-through-the-broker',
      'no service imports another service file.',
      { path: '^services/' },
      { path: '\\.service\\.ts$' },
    ),
    forbid(
      'cli-uses-the-house',
      'cli imports services, mixins, domain and libraries.',
      { path: '^cli/' },
      { path: '^(bench|test|scripts)/' },
    ),
    forbid(
      'nobody-imports-the-tools',
      'tests, benchmarks and scripts are not part of the program.',
      { pathNot: [OFFICES_AND_TOOLS, '\\.mjs$'] },
      { path: OFFICES_AND_TOOLS },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(data|dist|coverage)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
