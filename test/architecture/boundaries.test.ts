import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import boundaries from '../../dependency-cruiser.config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Rule → the file of the canary folder that breaks it. */
const CANARIES: Readonly<Record<string, string>> = {
  'contracts-imports-only-what-is-below-it': 'libs/contracts/imports-a-lib.ts',
  'dialects-imports-only-what-is-below-it': 'libs/dialects/imports-providers.ts',
  'providers-imports-only-what-is-below-it': 'libs/providers/imports-config.ts',
  'only-bus-imports-its-packages': 'libs/config/imports-nats.ts',
  'only-db-imports-its-packages': 'services/worker/imports-pg.ts',
  'only-upstream-imports-its-packages': 'services/ingress/imports-undici.ts',
  'libs-never-import-services': 'libs/config/imports-a-service.ts',
  'services-never-import-each-other': 'services/worker/imports-admin.ts',
  'no-deep-imports': 'libs/config/imports-deep.ts',
  'no-deep-imports-from-services': 'services/worker/imports-deep.ts',
  'libs-are-imported-by-name': 'services/worker/imports-an-index-by-path.ts',
  'a-lib-does-not-import-its-own-index': 'libs/config/imports-own-index.ts',
  'pure-libs-do-no-io': 'libs/pricing/reads-files.ts',
  'production-code-has-no-test-code': 'services/worker/imports-test-code.ts',
  'production-code-has-no-dev-packages': 'services/admin/imports-a-dev-package.ts',
  'packages-are-declared': 'libs/config/imports-an-undeclared-package.ts',
  'imports-resolve': 'libs/config/imports-nothing.ts',
  'no-cycles-between-libs': 'libs/pricing/index.ts',
};

/** `rule: file` of every violation in the canary folder, found by the same command line that `npm run check` uses. */
function canaryViolations(): string[] {
  const command = [
    `${ROOT}/node_modules/dependency-cruiser/bin/dependency-cruiser.mjs`,
    '--config',
    `${ROOT}/dependency-cruiser.config.ts`,
  ];
  const { stdout } = spawnSync(process.execPath, [...command, '--output-type', 'json', 'libs', 'services'], {
    cwd: `${ROOT}/test/architecture/fixtures/boundaries`,
    encoding: 'utf8',
  });
  const result = JSON.parse(stdout) as ICruiseResult;
  return result.summary.violations.map((violation) => `${violation.rule.name}: ${violation.from}`);
}

describe('the boundary check', () => {
  it('has a canary for every rule', () => {
    expect(new Set(boundaries.forbidden.map((rule) => rule.name))).toEqual(new Set(Object.keys(CANARIES)));
  });

  it('catches every canary', () => {
    const expected = Object.entries(CANARIES).map(([rule, file]) => `${rule}: ${file}`);
    expect(canaryViolations()).toEqual(expect.arrayContaining(expected));
  });
});
