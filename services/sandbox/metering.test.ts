import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMeter, NOTHING_BILLED } from './meter.ts';
import { startTestSandbox, told } from './test-sandbox.ts';

test('every request is in flight or has one outcome, and is billed what was produced', async () => {
  const sandbox = await startTestSandbox();
  await (await sandbox.chat(told({ tokens: 10 }))).text();
  await (await sandbox.chat(told({ tokens: 10 }, { stream: true }))).text();
  await (await sandbox.chat({ model: 'error-500' })).text();
  await (await sandbox.chat({ model: 'no-such' })).text();
  await sandbox.raw(told({ tokens: 10, fail: { kind: 'close', after_tokens: 4 } }, { stream: true })).ended;
  await sandbox.raw(told({ tokens: 10, fail: { kind: 'html' } })).ended;
  expect(sandbox.meter.read()).toMatchObject({
    ...{ requests: 6, completed: 2, refused: 2, cut: 2, aborted: 0, inFlight: 0, maxInFlight: 1 },
    ...{ promptTokens: 6, completionTokens: 24 },
  });
});

test('an abandoned stream is stopped at once and billed what it had produced', async () => {
  const sandbox = await startTestSandbox();
  const calls = Array.from({ length: 20 }, () =>
    sandbox.raw(told({ tokens: 10_000, numbered: true, tokens_per_second: 100 }, { stream: true })),
  );
  await Promise.all(calls.map((call) => call.seen('t5')));
  for (const call of calls) call.abort();
  const answers = await Promise.all(calls.map((call) => call.ended));
  await expect.poll(() => sandbox.meter.read()).toMatchObject({ inFlight: 0, aborted: 20, maxInFlight: 20, promptTokens: 40 });
  const produced = sandbox.meter.read().completionTokens;
  const received = answers.map(({ text }) => text.split('"content":').length - 2).reduce((sum, one) => sum + one);
  expect(produced).toBeGreaterThanOrEqual(received);
  expect(produced).toBeLessThan(received + 20 * 20);
  const rows = sandbox.meter.records(100);
  expect(rows.every((row) => row.aborted)).toBe(true);
  expect(rows.reduce((sum, row) => sum + row.completionTokens, 0)).toBe(produced);
});

test('a reader that does not read stops the production', async () => {
  const sandbox = await startTestSandbox();
  const answer = await sandbox.chat(told({ tokens: 1_000_000 }, { stream: true }));
  const reader = answer.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await expect.poll(() => sandbox.meter.read()).toMatchObject({ aborted: 1, inFlight: 0 });
  expect(sandbox.meter.read().completionTokens).toBeLessThan(200_000);
});

test('a client that leaves before the answer is not billed', async () => {
  const sandbox = await startTestSandbox();
  for (const stream of [true, false]) {
    const call = sandbox.raw(told({ first_token_ms: 60_000 }, { stream }));
    await expect.poll(() => sandbox.meter.read().inFlight).toBe(1);
    call.abort();
    await expect.poll(() => sandbox.meter.read().inFlight).toBe(0);
  }
  expect(sandbox.meter.read()).toMatchObject({ aborted: 2, promptTokens: 0, completionTokens: 0 });
});

test('the id of the answer, its header and its record are one', async () => {
  const sandbox = await startTestSandbox();
  const answer = await sandbox.chat(told({ tokens: 3, cached_tokens: 1 }));
  const { id } = (await answer.json()) as { id: string };
  const records = await (await fetch(`${sandbox.url}/meter/records?limit=5`)).json();
  const expected = {
    id: answer.headers.get('x-request-id'),
    model: 'echo',
    outcome: 'completed',
    promptTokens: 2,
    cachedTokens: 1,
    completionTokens: 3,
  };
  expect(records).toMatchObject({ records: [expected] });
  expect(id).toBe(`chatcmpl-${expected.id}`);
});

test('stated usage is what is billed', async () => {
  const sandbox = await startTestSandbox();
  const usage = { prompt_tokens: 1_000, completion_tokens: 500, prompt_tokens_details: { cached_tokens: 400 } };
  await (await sandbox.chat(told({ usage }))).text();
  expect(sandbox.meter.read()).toMatchObject({ promptTokens: 1_000, cachedTokens: 400, completionTokens: 500 });
});

test('totals are kept by model and by the hash of the key, never by the key', async () => {
  const sandbox = await startTestSandbox();
  await (await sandbox.chat({}, { headers: { authorization: 'Bearer sk-secret' } })).text();
  await (await sandbox.chat({ model: 'instant' })).text();
  const reading = await (await fetch(`${sandbox.url}/meter`)).text();
  const hash = createHash('sha256').update('sk-secret').digest('hex').slice(0, 16);
  expect(JSON.parse(reading)).toMatchObject({
    models: { echo: { requests: 1 }, instant: { requests: 1, completionTokens: 1 } },
    keys: { [hash]: { requests: 1 }, none: { requests: 1 } },
  });
  expect(reading).not.toContain('sk-secret');
});

test('a reset starts from nothing; what was in flight does not appear later', async () => {
  const sandbox = await startTestSandbox();
  await (await sandbox.chat({})).text();
  const call = sandbox.raw({ model: 'hang' });
  await expect.poll(() => sandbox.meter.read().inFlight).toBe(1);
  expect((await fetch(`${sandbox.url}/meter/reset`, { method: 'POST' })).status).toBe(200);
  expect(sandbox.meter.read()).toMatchObject({ requests: 0, completed: 0, inFlight: 1 });
  call.abort();
  await expect.poll(() => sandbox.meter.read()).toMatchObject({ inFlight: 0, aborted: 0 });
});

test('records are bounded, totals are not', () => {
  const meter = createMeter({ now: () => 5, idOf: String, recordCapacity: 3 });
  for (let number = 1; number <= 10; number += 1) {
    const one = meter.begin({ number, model: `m${number}`, authorization: undefined });
    one.settle('completed', { promptTokens: number, cachedTokens: 0, completionTokens: 1 });
    one.settle('aborted', NOTHING_BILLED);
  }
  expect(meter.records(100).map(({ id, model, promptTokens }) => ({ id, model, promptTokens }))).toEqual([
    { id: '10', model: 'm10', promptTokens: 10 },
    { id: '9', model: 'm9', promptTokens: 9 },
    { id: '8', model: 'm8', promptTokens: 8 },
  ]);
  expect(meter.read()).toMatchObject({ requests: 10, completed: 10, aborted: 0, promptTokens: 55, inFlight: 0 });
});
