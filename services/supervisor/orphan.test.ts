import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stopOrphan } from './orphan.ts';

/** A process left behind, `marker` in its command line, and the file that names it. */
async function leaveBehind(marker: string) {
  const folder = mkdtempSync(join(tmpdir(), 'headrace-unit-'));
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")', marker]);
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  await once(child.stdout, 'data');
  const pidFile = join(folder, 'server.pid');
  writeFileSync(pidFile, `${child.pid}\nmore lines\n`);
  return { child, pidFile };
}

test('a server that was left behind is stopped', async () => {
  const { child, pidFile } = await leaveBehind('/data/nats.conf');
  expect(await stopOrphan({ pidFile, marker: '/data/nats.conf', signal: 'SIGTERM' })).toBe(child.pid);
  expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGTERM');
});

test('another program that has the id by now is left alone', async () => {
  const { child, pidFile } = await leaveBehind('/other/thing');
  expect(await stopOrphan({ pidFile, marker: '/data/nats.conf', signal: 'SIGTERM' })).toBeUndefined();
  expect(child.signalCode).toBeNull();
});

test('without a pid file there is nothing to stop', async () => {
  expect(await stopOrphan({ pidFile: '/nowhere', marker: 'x', signal: 'SIGTERM' })).toBeUndefined();
});
