import { describe, expect, it } from 'vitest';
import { vitestArguments } from './vitest-arguments.ts';

describe('the command line of the test run', () => {
  it('runs once, with what the user asked for', () => {
    expect(vitestArguments(['--project', 'unit', 'libs/config'], undefined)).toEqual(['run', '--project', 'unit', 'libs/config']);
  });

  it('prints as always when a report is asked for', () => {
    expect(vitestArguments(['libs'], 'out/report.json')).toEqual([
      'run',
      '--reporter=default',
      '--reporter=json',
      '--outputFile.json=out/report.json',
      'libs',
    ]);
  });

  it('writes no report for an empty file name', () => {
    expect(vitestArguments([], '')).toEqual(['run']);
  });
});
