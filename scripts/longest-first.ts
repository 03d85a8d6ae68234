import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take half a minute and more, the longest first. Begun last they would run alone while other workers have nothing left. */
const LONG = [
  'test/failure/limits-exact.test.ts',
  'test/failure/p4-every-dollar-once.test.ts',
  'test/failure/resumed-streams.test.ts',
  'test/failure/rolling-restart.test.ts',
  'test/e2e/up.test.ts',
  'test/e2e/routing-strategies.test.ts',
  'test/e2e/litellm-config.test.ts',
  'test/failure/p5-no-database-on-the-hot-path.test.ts',
  'test/failure/p5-fail-closed.test.ts',
  'test/failure/hedging-killed.test.ts',
  'test/failure/p1-worker-killed.test.ts',
  'test/integration/job-puller.test.ts',
  'test/failure/publishers-isolated.test.ts',
];

/** The order of test files within each project. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONG.findIndex((path) => moduleId.endsWith(path));
  return rank === -1 ? LONG.length : rank;
}
