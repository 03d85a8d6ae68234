/** `headrace test` (`npm test`): every test of the repository, or those that the arguments name, in one vitest run. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TEST_REPORT_VARIABLE, vitestArguments } from './vitest-arguments.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

const child = spawn(process.execPath, [vitest, ...vitestArguments(process.argv.slice(2), process.env[TEST_REPORT_VARIABLE])], {
  cwd: root,
  stdio: 'inherit',
});

// The terminal sends Ctrl-C to vitest as well: stay, so that its servers are stopped before the prompt is back.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
// The launcher is gone, so nobody waits for these tests any more.
process.on('disconnect', () => child.kill('SIGTERM'));
child.on('error', (error) => {
  console.error(`the test runner did not start: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));
