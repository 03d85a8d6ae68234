import { describe, expect, it } from 'vitest';
import { summariseTests } from '../../scripts/test-summary.ts';

const PASSED = { status: 'passed', assertionResults: [{ status: 'passed' }] };
const FAILED = { status: 'failed', assertionResults: [{ status: 'failed' }] };
const BROKEN_FILE = { status: 'failed', assertionResults: [] };

const good = { numPassedTests: 20, numFailedTests: 0, success: true, testResults: [PASSED] };

function summary(report: unknown, { exitCode = 0, fewestTests = 10 } = {}): { passed: number; failed: number; problems: number } {
  const text = typeof report === 'string' ? report : report === undefined ? undefined : JSON.stringify(report);
  const { passed, failed, problems } = summariseTests(text, { exitCode, fewestTests });
  return { passed, failed, problems: problems.length };
}

describe('the summary of a CI run', () => {
  it('is good when enough tests ran and all passed', () => {
    expect(summary(good)).toEqual({ passed: 20, failed: 0, problems: 0 });
  });

  it('counts failed tests', () => {
    const report = { ...good, numFailedTests: 2, success: false, testResults: [PASSED, FAILED] };
    expect(summary(report, { exitCode: 1 })).toEqual({ passed: 20, failed: 2, problems: 0 });
  });

  it('counts a file that could not be loaded as a failure, though none of its tests ran', () => {
    const report = { ...good, success: false, testResults: [PASSED, BROKEN_FILE] };
    expect(summary(report, { exitCode: 1 })).toEqual({ passed: 20, failed: 1, problems: 1 });
  });

  it('is a failure when the run ended badly with every test passed', () => {
    expect(summary(good, { exitCode: 1 })).toEqual({ passed: 20, failed: 1, problems: 1 });
  });

  it('says so when fewer tests ran than there should be', () => {
    expect(summary(good, { fewestTests: 21 })).toEqual({ passed: 20, failed: 0, problems: 1 });
  });

  it('names the tests that failed and those that passed at the second try, with the first line of their error', () => {
    const test = (status: string, fullName: string, ...failureMessages: string[]) => ({ status, fullName, failureMessages });
    const tests = [test('passed', 'a'), test('passed', 'b', 'late\n  at x'), test('failed', 'c', 'wrong\n  at y', 'wrong again')];
    const text = JSON.stringify({ ...good, testResults: [{ name: '/repo/f.test.ts', status: 'failed', assertionResults: tests }] });
    expect(summariseTests(text, { exitCode: 1, fewestTests: 1 }).notes).toEqual([
      'passed at the second try: /repo/f.test.ts > b: late',
      'FAILED /repo/f.test.ts > c: wrong',
    ]);
  });

  it.each([undefined, '', '{"numPassedTests": 5', '{}', 'null'])('is 0 passed, 1 failed without a whole report (%s)', (report) => {
    expect(summary(report)).toEqual({ passed: 0, failed: 1, problems: 1 });
  });
});
