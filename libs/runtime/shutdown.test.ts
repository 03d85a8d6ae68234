import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';

/** A real process with the shutdown handlers; it reports `releasing` and releases within `releaseMs`. */
async function startProcess(releaseMs: number, ...more: string[]): Promise<ChildProcess> {
  const child = fork(new URL('./fixtures/shutdown-process.ts', import.meta.url), [String(releaseMs), ...more], { stdio: 'ignore' });
  child.on('error', () => undefined);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

const exitOf = async (child: ChildProcess) => (await once(child, 'exit')) as [number | null, string | null];

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s releases and exits with 0', async (signal) => {
  const child = await startProcess(1);
  child.kill(signal);
  expect(await exitOf(child)).toEqual([0, null]);
});

test('SIGHUP makes a process that has something to read again do so, and does not end it', async () => {
  const child = await startProcess(1, 'reload');
  child.kill('SIGHUP');
  expect((await once(child, 'message'))[0]).toBe('reloading');
  child.kill('SIGTERM');
  expect((await once(child, 'message'))[0]).toBe('releasing');
  expect(await exitOf(child)).toEqual([0, null]);
});

test('the copies of one Ctrl-C do not cut the release short', async () => {
  const child = await startProcess(200);
  child.kill('SIGINT');
  await once(child, 'message');
  child.kill('SIGINT');
  child.kill('SIGINT');
  expect(await exitOf(child)).toEqual([0, null]);
});

test('a later second signal exits at once with 1', async () => {
  const child = await startProcess(60_000);
  child.kill('SIGINT');
  await once(child, 'message');
  const again = setInterval(() => child.kill('SIGINT'), 50);
  const exit = await exitOf(child);
  clearInterval(again);
  expect(exit).toEqual([1, null]);
});

test('a process whose parent is gone releases and exits', async () => {
  const child = await startProcess(1);
  child.disconnect();
  expect(await exitOf(child)).toEqual([0, null]);
});

test('an uncaught error releases and exits with 1', async () => {
  const child = await startProcess(1);
  child.send('throw');
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  expect(await exitOf(child)).toEqual([1, null]);
  expect(messages).toContain('releasing');
});
