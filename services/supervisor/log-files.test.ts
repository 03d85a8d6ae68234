import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLogFile } from './log-files.ts';

function logPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-unit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'logs', 'worker.log');
}

test('a log goes on where the last start left it', () => {
  const path = logPath();
  for (const line of ['first', 'second']) {
    const log = openLogFile(path);
    log.write(line);
    log.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n');
});

test('a log that is full is moved aside and takes at most twice its size of disk', () => {
  const path = logPath();
  const log = openLogFile(path, 10);
  for (const line of ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc']) log.write(line);
  log.close();
  expect(readFileSync(path, 'utf8')).toBe('cccccccccc\n');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('bbbbbbbbbb\n');
  expect(existsSync(`${path}.2`)).toBe(false);
});

test('a log that can not be written does not throw', () => {
  const log = openLogFile(logPath());
  log.close();
  expect(() => log.write('lost')).not.toThrow();
});
