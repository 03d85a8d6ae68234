import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';

/** A Postgres for the whole run; each test file clones a database of it (`createTestDatabase`). */
const globalSetup = './libs/testing/postgres-global-setup.ts';

/** Trees of violations that the checks must catch: no tests of ours. */
const exclude = ['**/node_modules/**', '**/fixtures/**'];

/** Failure tests whose bounds are times: each has the machine to itself. */
const TIMED = ['test/failure/{backpressure,cancel}-*.test.ts'];

/**
 * Whole products and kills, on a machine that may be in use: a test that fails runs once more, and the run's end names it
 * (`scripts/test-summary.ts`). So do tests on real servers; unit tests have one try.
 */
const SECOND_TRY = { retry: 1 };

/** Modules are loaded once a worker instead of once a file, in a third of the time. No test may change what a module keeps. */
const IN_ONE = false;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'libs/**/*.test.ts',
            'services/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/{architecture,bench,conformance}/**/*.test.ts',
          ],
          exclude,
          isolate: IN_ONE,
          testTimeout: 20_000,
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'integration',
          isolate: IN_ONE,
          ...SECOND_TRY,
          include: ['test/integration/**/*.test.ts'],
          exclude,
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      // The whole product in several processes: three files at a time, or what is measured is the machine.
      {
        test: {
          name: 'e2e',
          isolate: IN_ONE,
          ...SECOND_TRY,
          include: ['test/e2e/**/*.test.ts'],
          exclude,
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      // Three files at a time: most of their time is waiting, for a dead worker to be noticed or a database to come back.
      {
        test: {
          name: 'failure',
          isolate: IN_ONE,
          ...SECOND_TRY,
          include: ['test/failure/**/*.test.ts'],
          exclude: [...exclude, ...TIMED],
          globalSetup,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'timed',
          isolate: IN_ONE,
          ...SECOND_TRY,
          include: TIMED,
          exclude,
          globalSetup,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
