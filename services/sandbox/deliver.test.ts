import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseChatRequest } from './chat-request.ts';
import { deliver } from './deliver.ts';
import type { Instructions } from './instructions.ts';
import { createMeter } from './meter.ts';
import { dueTokens } from './send-stream.ts';
import { USER_MESSAGE } from './test-sandbox.ts';
import { createTicker, type Tick } from './ticker.ts';
import { composeUsage } from './usage.ts';

/** Delivers one stream of 10,000 tokens to a client; counts the tokens that are made. */
async function deliverOne(instructions: Instructions) {
  const made = { tokens: 0 };
  const tasks: Tick[] = [];
  const request = parseChatRequest({ model: 'echo', messages: USER_MESSAGE, stream: true });
  const meter = createMeter({ now: () => 0, idOf: String });
  const shared = createTicker(() => performance.now());
  const ticker = { ...shared, add: (task: Tick) => (tasks.push(task), shared.add(task)) };
  const count = () => {
    made.tokens += 1;
    return '{}';
  };
  const answer = { tokenCount: 10_000, finishReason: 'stop', opening: '{}', deltaAt: count, message: () => '{}' };
  const server = createServer((_, res) => {
    const metered = meter.begin({ number: 1, model: 'echo', authorization: undefined });
    const usage = composeUsage(request, instructions, answer.tokenCount);
    deliver({ res, id: '1', created: 0, request, instructions, answer, usage, metered }, { ticker, now: () => performance.now() });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const client = get(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { agent: false });
  client.on('error', () => {});
  return { made, meter, client, tasks };
}

test('no token is made for a client that left in the middle', async () => {
  const { made, meter, client, tasks } = await deliverOne({ tokens_per_second: 200 });
  client.on('response', (res) => res.resume());
  await expect.poll(() => made.tokens).toBeGreaterThan(3);
  client.destroy();
  await expect.poll(() => meter.read().aborted).toBe(1);
  const atTheEnd = made.tokens;
  await laterThan(100);
  expect(made.tokens).toBe(atTheEnd);
  expect(tasks.map((task) => task(performance.now()))).toEqual([false]);
});

test('no token is made for a client that left before the first', async () => {
  const { made, meter, client } = await deliverOne({ first_token_ms: 100 });
  await expect.poll(() => meter.read().inFlight).toBe(1);
  client.destroy();
  await expect.poll(() => meter.read().aborted).toBe(1);
  await laterThan(150);
  expect(made.tokens).toBe(0);
});

test.each([
  [0, 20, 1],
  [49, 20, 1],
  [50, 20, 2],
  [59_999, 20, 1_200],
  [10_000, 0.5, 6],
])('after %i ms at %f tokens/s %i tokens are due', (elapsedMs, rate, due) => expect(dueTokens(elapsedMs, rate)).toBe(due));

/** That something does not happen can only be told after a time in which it would have. */
async function laterThan(ms: number): Promise<void> {
  const until = performance.now() + ms;
  await expect.poll(() => performance.now(), { interval: 20 }).toBeGreaterThan(until);
}
