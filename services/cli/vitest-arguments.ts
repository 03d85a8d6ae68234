/** Names the file that `npm test` writes its report to (vitest's JSON format), beside what it prints; CI reads it. */
export const TEST_REPORT_VARIABLE = 'HEADRACE_TEST_REPORT';

/**
 * The command line of vitest for `headrace test`.
 *
 * @param args what the user wrote behind `test`: filters and vitest's own options, passed on as they are
 * @param reportFile where the JSON report goes; none when undefined or empty
 */
export function vitestArguments(args: readonly string[], reportFile: string | undefined): string[] {
  const reporters = reportFile ? ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`] : [];
  return ['run', ...reporters, ...args];
}
