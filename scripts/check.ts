/**
 * `npm run check`: everything that can be known about the code without a server, one tool after the other. All tools run, also after
 * a failure, so that one run shows everything there is to fix.
 *
 *   --without-tests   leaves the unit tests out (CI has run them already)
 *   --fix             lets the formatter and the linter write before they check
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Step {
  readonly name: string;
  /** Path below node_modules, run with this Node. */
  readonly tool: string;
  readonly args: readonly string[];
  readonly fixArgs?: readonly string[];
}

const STEPS: readonly Step[] = [
  { name: 'format', tool: 'oxfmt/bin/oxfmt', args: ['--list-different'], fixArgs: ['--write'] },
  { name: 'lint', tool: 'oxlint/bin/oxlint', args: ['--format=unix'], fixArgs: ['--fix'] },
  { name: 'types', tool: 'typescript/bin/tsc', args: ['--noEmit', '--project', '.'] },
  {
    name: 'boundaries',
    tool: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', 'dependency-cruiser.config.ts', 'libs', 'services', 'scripts', 'test'],
  },
  { name: 'dead code', tool: 'knip/bin/knip.js', args: ['--no-progress'] },
];

const UNIT_TESTS: Step = { name: 'unit tests', tool: 'vitest/vitest.mjs', args: ['run', '--project', 'unit'] };

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs one tool to its end with its output shown; true when it found nothing. */
function run(step: Step, args: readonly string[]): boolean {
  console.log(`\n── ${step.name}`);
  const startedMs = performance.now();
  const { status, error } = spawnSync(process.execPath, [`${root}node_modules/${step.tool}`, ...args], {
    cwd: root,
    stdio: 'inherit',
    // Tools that start `node` themselves must get this one.
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` },
  });
  if (error) console.error(error.message);
  console.log(`${step.name}: ${status === 0 ? 'ok' : 'FAILED'} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  return status === 0;
}

const { values: flags } = parseArgs({
  options: { 'without-tests': { type: 'boolean', default: false }, fix: { type: 'boolean', default: false } },
});
const steps = flags['without-tests'] ? STEPS : [...STEPS, UNIT_TESTS];
const failed = steps.filter((step) => !run(step, (flags.fix ? step.fixArgs : undefined) ?? step.args));
console.log(failed.length === 0 ? '\ncheck: everything passed' : `\ncheck: failed: ${failed.map((step) => step.name).join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
