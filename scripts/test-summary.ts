import { z } from 'zod';

/** What we read of vitest's JSON report. */
const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string().default('?'),
      status: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string().default('?'), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

type TestFile = z.infer<typeof reportSchema>['testResults'][number];

export interface TestRun {
  /** Of the process that ran the tests. */
  readonly exitCode: number;
  /** With fewer tests than this the run can't be a good one, whatever they say. */
  readonly fewestTests: number;
}

export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  /** One line for each reason, other than failed tests, why the run is not good. */
  readonly problems: readonly string[];
  /** One line for each test that failed, and for each that passed only when it ran again: file, name, first line of the error. */
  readonly notes: readonly string[];
}

/**
 * Counts a test run by its JSON report, and never takes a broken run for a good one: a missing report, a file that could not be loaded and
 * a bad exit code count as one failure each.
 *
 * @param reportText undefined when there is no report
 */
export function summariseTests(reportText: string | undefined, run: TestRun): TestSummary {
  const report = parseReport(reportText);
  if (!report) return { passed: 0, failed: 1, problems: ['the test run left no report: it broke before its end'], notes: [] };
  const passed = report.numPassedTests;
  const problems: string[] = [];
  const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some(isFailed)).length;
  if (brokenFiles > 0) problems.push(`${brokenFiles} test files could not run`);
  let failed = report.numFailedTests + brokenFiles;
  if (failed === 0 && (run.exitCode !== 0 || !report.success)) {
    failed = 1;
    problems.push(`the test run ended with code ${run.exitCode} though no test failed`);
  }
  if (passed + failed < run.fewestTests) problems.push(`only ${passed + failed} tests ran, expected at least ${run.fewestTests}`);
  return { passed, failed, problems, notes: report.testResults.flatMap(notesOf) };
}

function notesOf(file: TestFile): string[] {
  return file.assertionResults.flatMap((test) => {
    const reason = test.failureMessages?.[0]?.split('\n', 1)[0] ?? '';
    if (isFailed(test)) return [`FAILED ${file.name} > ${test.fullName}: ${reason}`];
    return reason === '' ? [] : [`passed at the second try: ${file.name} > ${test.fullName}: ${reason}`];
  });
}

function parseReport(text: string | undefined): z.infer<typeof reportSchema> | undefined {
  try {
    return reportSchema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

function isFailed(test: { readonly status: string }): boolean {
  return test.status === 'failed';
}
