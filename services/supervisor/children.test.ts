import { expect, onTestFinished, test } from 'vitest';
import { createChildren } from './children.ts';

const spec = (name: string) => ({
  name,
  command: process.execPath,
  args: ['-e', 'setInterval(() => {}, 1000); process.send({ type: "ready" })'],
  env: {},
  ready: 'message' as const,
  stopSignal: 'SIGTERM' as const,
  stopTimeoutMs: 2_000,
});

function openChildren() {
  const order: string[] = [];
  const ignore = () => undefined;
  const children = createChildren({ line: ignore, spawned: ignore, ready: ignore, exited: (name) => void order.push(name) });
  onTestFinished(() => children.kill());
  return { children, order };
}

test('who is nearest to the client stops first, what everybody stands on last', async () => {
  const { children, order } = openChildren();
  await Promise.all(['postgres', 'accounting', 'worker', 'ingress'].map((name) => children.start(spec(name))));
  await children.stop();
  expect(order).toEqual(['ingress', 'worker', 'accounting', 'postgres']);
});

test('nothing is started once the stop began', async () => {
  const { children } = openChildren();
  await children.stop();
  await expect(children.start(spec('worker'))).rejects.toThrow('being stopped');
});
