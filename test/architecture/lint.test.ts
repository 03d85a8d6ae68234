import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Rule → the file of the canary folder that breaks it: the rules that hold a promise of CONTRIBUTING.md. */
const CANARIES: Readonly<Record<string, string>> = {
  'typescript(no-floating-promises)': 'floating-promise.ts',
  'typescript(no-misused-promises)': 'misused-promise.ts',
  'typescript(no-explicit-any)': 'explicit-any.ts',
  'typescript(no-non-null-assertion)': 'non-null-assertion.ts',
  'typescript(no-unsafe-return)': 'unsafe-json.ts',
  'typescript(switch-exhaustiveness-check)': 'missing-case.ts',
  'typescript(consistent-type-imports)': 'import-type.ts',
  'eslint(no-console)': 'console-log.ts',
  'eslint(no-restricted-properties)': 'module-mock.ts',
  'eslint(preserve-caught-error)': 'lost-cause.ts',
  'node(no-process-env)': 'environment.ts',
  'import(no-default-export)': 'default-export.ts',
  'unicorn(filename-case)': 'notKebabCase.ts',
};

interface LintReport {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string; readonly severity: string }[];
}

it('the linter catches every canary', () => {
  const { stdout } = spawnSync(
    process.execPath,
    [`${ROOT}/node_modules/oxlint/bin/oxlint`, '--config', 'canary.oxlintrc.json', '--format', 'json', '.'],
    {
      cwd: `${ROOT}/test/architecture/fixtures/lint`,
      encoding: 'utf8',
    },
  );
  const report = JSON.parse(stdout) as LintReport;
  const errors = report.diagnostics.filter((finding) => finding.severity === 'error');
  const expected = Object.entries(CANARIES).map(([rule, file]) => `${rule}: ${file}`);
  expect(errors.map((finding) => `${finding.code}: ${finding.filename}`)).toEqual(expect.arrayContaining(expected));
});
