/**
 * Who may import whom: the dependency direction of ARCHITECTURE.md as rules. `npm run check` runs them over the tree and
 * test/architecture/boundaries.test.ts over a tree of violations that each rule must catch.
 *
 * Parsed with swc, because this tool can't use TypeScript 7 yet: type-only imports are seen, `import('x').T` inside a type is not
 * (the linter forbids those).
 */

import type { IConfiguration, IForbiddenRuleType } from 'dependency-cruiser';

/** The libs with a fixed place at the bottom; every other lib may import any lib, without cycles. */
const FIXED_LIB_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  dialects: ['contracts'],
  providers: ['contracts', 'dialects'],
};

/** npm packages that stand behind one lib, so that replacing one touches one folder. */
const PACKAGE_OWNERS = {
  bus: '@nats-io/.+',
  db: '(@types/)?pg|drizzle-orm',
  upstream: 'undici',
};

/** Libs that decide and translate: no I/O, so that they are tested as tables. */
const PURE_LIBS = ['contracts', 'dialects', 'providers', 'routing', 'pricing', 'budgets'];
const IO_LIBS = ['bus', 'db', 'upstream', 'runtime', 'testing'];
const IO_MODULES = [
  'fs',
  'fs/promises',
  'http',
  'https',
  'http2',
  'net',
  'tls',
  'dgram',
  'dns',
  'child_process',
  'worker_threads',
  'cluster',
];

const TEST_CODE = ['\\.test\\.ts$', '/test-[^/]+\\.ts$', '^libs/testing/', '^test/'];

const fixedLibRules = Object.entries(FIXED_LIB_IMPORTS).map(([lib, allowed]): IForbiddenRuleType => ({
  name: `${lib}-imports-only-what-is-below-it`,
  comment: `libs/${lib} may import ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^libs/${lib}/`, pathNot: TEST_CODE },
  to: { path: '^(libs|services)/', pathNot: [lib, ...allowed].map((name) => `^libs/${name}/`) },
}));

const packageOwnerRules = Object.entries(PACKAGE_OWNERS).map(([lib, packages]): IForbiddenRuleType => ({
  name: `only-${lib}-imports-its-packages`,
  comment: `${packages} stand behind libs/${lib}: use #${lib}.`,
  severity: 'error',
  from: { path: '^(libs|services)/', pathNot: [`^libs/${lib}/`, '^libs/testing/'] },
  to: { path: `(^|/)node_modules/(${packages})/` },
}));

const forbidden: IForbiddenRuleType[] = [
  ...fixedLibRules,
  ...packageOwnerRules,
  {
    name: 'libs-never-import-services',
    comment: 'A lib is used by services; what both need belongs into a lib.',
    severity: 'error',
    from: { path: '^libs/' },
    to: { path: '^services/' },
  },
  {
    name: 'services-never-import-each-other',
    comment: 'Services talk by messages (libs/contracts) only.',
    severity: 'error',
    from: { path: '^services/([^/]+)/' },
    to: { path: '^services/', pathNot: '^services/$1/' },
  },
  {
    name: 'no-deep-imports',
    comment: 'From outside, a lib is its index.ts: import #lib.',
    severity: 'error',
    from: { path: '^libs/([^/]+)/' },
    to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/index\\.ts$'] },
  },
  {
    name: 'no-deep-imports-from-services',
    comment: 'From outside, a lib is its index.ts: import #lib. The launcher alone runs under a Node that reads no TypeScript.',
    severity: 'error',
    from: { path: '^services/' },
    to: { path: '^libs/', pathNot: ['^libs/[^/]+/index\\.ts$', '^libs/runtime/node-flags\\.mjs$'] },
  },
  {
    name: 'libs-are-imported-by-name',
    comment: "`#lib`, not a relative path to another lib's index.",
    severity: 'error',
    from: { path: '^(?:libs|services)/([^/]+)/' },
    to: { path: '^libs/[^/]+/index\\.ts$', pathNot: '^libs/$1/', dependencyTypesNot: ['aliased-subpath-import'] },
  },
  {
    name: 'a-lib-does-not-import-its-own-index',
    comment: 'Import the file beside it: the index is for others.',
    severity: 'error',
    from: { path: '^libs/([^/]+)/', pathNot: TEST_CODE },
    to: { path: '^libs/$1/index\\.ts$' },
  },
  {
    name: 'pure-libs-do-no-io',
    comment: 'Pass in what has to be read: these libs are pure functions and data.',
    severity: 'error',
    from: { path: `^libs/(${PURE_LIBS.join('|')})/`, pathNot: TEST_CODE },
    to: { path: [`^libs/(${IO_LIBS.join('|')})/`, `^(node:)?(${IO_MODULES.join('|')})$`] },
  },
  {
    name: 'production-code-has-no-test-code',
    comment: 'libs/testing and devDependencies are not there in production.',
    severity: 'error',
    from: { path: '^(libs|services)/', pathNot: TEST_CODE },
    to: { path: TEST_CODE },
  },
  {
    name: 'production-code-has-no-dev-packages',
    comment: 'Move the package to dependencies.',
    severity: 'error',
    from: { path: '^(libs|services)/', pathNot: TEST_CODE },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm'] },
  },
  {
    name: 'packages-are-declared',
    comment: 'A package that is only there because another one needs it can vanish: add it to package.json.',
    severity: 'error',
    from: { path: '^(libs|services|test|scripts)/' },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'imports-resolve',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-cycles-between-libs',
    comment: 'Two libs that need each other are one lib, or three.',
    severity: 'error',
    from: { path: '^libs/([^/]+)/' },
    to: { circular: true, path: '^libs/', pathNot: '^libs/$1/' },
  },
];

export default {
  forbidden,
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // The deliberate violations of the canary; the canary's own run takes them in as its base folder.
    exclude: { path: '^test/architecture/fixtures/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
} satisfies IConfiguration;
