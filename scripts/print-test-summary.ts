/**
 * The last line of a CI run: `N passed, N failed`. Exits 0 only when everything that should run did, and passed.
 *
 *   node scripts/print-test-summary.ts <report.json> <exit code of the tests> <fewest tests expected>
 */
import { existsSync, readFileSync } from 'node:fs';
import { summariseTests } from './test-summary.ts';

const [file = '', exitCode = '1', fewestTests = '0'] = process.argv.slice(2);
const reportText = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
const summary = summariseTests(reportText, { exitCode: Number(exitCode), fewestTests: Number(fewestTests) });
for (const line of [...summary.notes, ...summary.problems]) console.log(line.replaceAll(`${process.cwd()}/`, ''));
console.log(`${summary.passed} passed, ${summary.failed} failed`);
process.exitCode = summary.failed === 0 && summary.problems.length === 0 ? 0 : 1;
