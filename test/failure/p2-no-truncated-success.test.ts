import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey, ledgerRows } from '../support/books.ts';
import { chat, type ChatTarget, readStream, sandboxCall, startChat } from '../support/chat-client.ts';

/** Promise 2: a stream ends with a finish reason and [DONE], or with an error event; never with a clean close in the middle. */
let headrace: RunningHeadrace;
let target: ChatTarget;

beforeAll(async () => {
  headrace = await startHeadrace();
  target = { url: headrace.url, key: await createKey(headrace) };
});
afterAll(() => headrace.stop());

const DEATHS = [
  ['reset', 'upstream_truncated'],
  ['close', 'upstream_truncated'],
  ['no-finish', 'upstream_truncated'],
  ['bad-json', 'upstream_invalid_response'],
  ['error-event', 'upstream_error'],
  ['garbage-sse', 'upstream_truncated'],
] as const;

describe.each(DEATHS)('a provider that fails by %s', (kind, code) => {
  test.each([1, 50])('after %i tokens: the client sees them and then an error event', async (after) => {
    const answer = await chat(
      target,
      sandboxCall({ tokens: 100, numbered: true, tokens_per_second: 200, fail: { kind, after_tokens: after } }, { stream: true }),
    );
    const reading = readStream(answer.text);
    expect(answer.status).toBe(200);
    expect(reading.done).toBe(false);
    expect(reading.finishReason).toBeUndefined();
    expect(reading.error?.code).toBe(code);
    expect(reading.text.trim().split(' ')).toHaveLength(after);
    const rows = await waitFor(
      async () => {
        const found = await ledgerRows(headrace, String(answer.headers['x-headrace-job-id']));
        return found.length > 0 && found;
      },
      { what: 'the attempt in the ledger' },
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ status: 'failure' });
    expect(rows[0]?.completion_tokens).toBeGreaterThan(0);
  });
});

test('a stream that stalls ends with an error event at its deadline', async () => {
  const call = sandboxCall({ tokens: 100, numbered: true, fail: { kind: 'stall', after_tokens: 5 } }, { stream: true });
  const answer = await chat(target, call, { 'x-headrace-deadline-ms': '1500' });
  expect(readStream(answer.text)).toMatchObject({ done: false, error: { code: 'upstream_timeout' } });
});

test('a stream without [DONE] but with its finish reason is complete, and the client gets [DONE]', async () => {
  const answer = await chat(target, sandboxCall({ tokens: 10, fail: { kind: 'no-done' } }, { stream: true }));
  expect(readStream(answer.text)).toMatchObject({ done: true, finishReason: 'stop', error: undefined });
});

test.each(['reset', 'close', 'html', 'bad-json'] as const)(
  'an answer in one piece that fails by %s is a 502 with a clear error, after the retries',
  async (kind) => {
    const answer = await chat(target, sandboxCall({ tokens: 10, fail: { kind } }), { 'x-headrace-deadline-ms': '8000' });
    expect([502, 504]).toContain(answer.status);
    const { error } = JSON.parse(answer.text);
    expect(error.code).toMatch(/^upstream_/);
    expect(error.message).not.toContain('<html');
  },
);

test('a client that leaves cancels the call at the provider, and what was produced is billed', async () => {
  const call = startChat(target, sandboxCall({ tokens: 1_000, tokens_per_second: 50 }, { stream: true }));
  const head = await call.head;
  const jobId = String(head.headers['x-headrace-job-id']);
  head.on('error', () => undefined);
  await waitFor(() => head.socket.bytesRead > 3_000, { what: 'some tokens' });
  call.abort();
  const rows = await waitFor(
    async () => {
      const found = await ledgerRows(headrace, jobId);
      return found.length > 0 && found;
    },
    { what: 'the cancelled attempt in the ledger' },
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.headrace.status).toBe('cancelled');
  expect(rows[0]?.completion_tokens).toBeGreaterThan(0);
  expect(rows[0]?.completion_tokens).toBeLessThan(500);
});
