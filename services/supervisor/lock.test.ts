import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { acquireLock } from './lock.ts';
import { UpError } from './up-error.ts';

function dataFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'headrace-unit-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const lockOf = (dataDir: string, pid: number, alive: readonly number[]) =>
  acquireLock({ dataDir, pid, url: `http://127.0.0.1:${pid}`, isHeadrace: (other) => alive.includes(other) });

test('the second start on a data folder is told who has it', () => {
  const dataDir = dataFolder();
  lockOf(dataDir, 100, [100]);
  expect(() => lockOf(dataDir, 200, [100, 200])).toThrow(
    new UpError('Headrace already runs on this data folder: process 100, http://127.0.0.1:100'),
  );
});

test('a lock whose holder is gone, or is another program by now, is taken over', () => {
  const dataDir = dataFolder();
  lockOf(dataDir, 100, []);
  lockOf(dataDir, 200, [200]);
  expect(() => lockOf(dataDir, 300, [200, 300])).toThrow('process 200');
});

test.each(['', '{"pid"', 'null', '{}', '{"pid":"x"}'])('a broken lock file (%j) is taken over', (content) => {
  const dataDir = dataFolder();
  writeFileSync(join(dataDir, 'up.lock'), content);
  lockOf(dataDir, 100, [100]);
  expect(() => lockOf(dataDir, 200, [100, 200])).toThrow('process 100');
});

test('a released lock is free and nothing is left of it', () => {
  const dataDir = dataFolder();
  lockOf(dataDir, 100, [100]).release();
  expect(readdirSync(dataDir)).toEqual([]);
});

test('a release does not remove the lock of somebody who took over', () => {
  const dataDir = dataFolder();
  const first = lockOf(dataDir, 100, []);
  lockOf(dataDir, 200, [200]);
  first.release();
  expect(() => lockOf(dataDir, 300, [200, 300])).toThrow('process 200');
});
