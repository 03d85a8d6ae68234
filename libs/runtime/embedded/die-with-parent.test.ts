import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '#testing';
import { dieWithParent } from './die-with-parent.ts';

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.runIf(process.platform === 'linux')('a server ends when whoever started it is killed', async () => {
  const { command, args } = dieWithParent({ command: 'sleep', args: ['1000'] }, 'SIGTERM');
  const script = `console.log(require('node:child_process').spawn(${JSON.stringify(command)}, ${JSON.stringify(args)}, { stdio: 'ignore' }).pid)`;
  const parent = spawn(process.execPath, ['-e', `${script}; setInterval(() => {}, 1000)`]);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await waitFor(() => !isAlive(pid), { what: 'the server to end' });
});
