import { expect, test } from 'vitest';
import { ReleaseStack } from './release-stack.ts';

function recordingLog() {
  const lines: unknown[][] = [];
  const record = (...line: unknown[]) => void lines.push(line);
  return { lines, log: { error: record, warn: record } };
}

test('releases run in reverse order, each after the one before has settled', async () => {
  const order: string[] = [];
  const stack = new ReleaseStack(recordingLog().log);
  stack.add('first', () => order.push('first'));
  stack.add('second', async () => {
    await Promise.resolve();
    order.push('second');
  });
  await stack.run(1_000);
  expect(order).toEqual(['second', 'first']);
});

test('a release that fails is logged and does not keep the others from running', async () => {
  const { lines, log } = recordingLog();
  const order: string[] = [];
  const stack = new ReleaseStack(log);
  stack.add('first', () => order.push('first'));
  stack.add('second', () => Promise.reject(new Error('broken')));
  await stack.run(1_000);
  expect(order).toEqual(['first']);
  expect(lines).toEqual([[{ err: new Error('broken'), resource: 'second' }, 'release failed']]);
});

test('a release that hangs ends at the deadline and is named', async () => {
  const { lines, log } = recordingLog();
  const stack = new ReleaseStack(log);
  stack.add('hanging', () => new Promise(() => undefined));
  await stack.run(20);
  expect(lines).toEqual([[{ deadlineMs: 20, left: ['hanging'] }, 'shutdown deadline passed']]);
});

test('what is added after the shutdown began is released at once', async () => {
  const order: string[] = [];
  const stack = new ReleaseStack(recordingLog().log);
  await stack.run(1_000);
  stack.add('late', () => order.push('late'));
  expect(order).toEqual(['late']);
});
