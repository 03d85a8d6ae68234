import { beforeEach, describe, expect, test, vi } from 'vitest';
import { FRAME, frameMeta, GatewayError, type HeadMeta } from '#contracts';
import type { StreamDecoder } from '#dialects';
import type { UpstreamListener } from '#upstream';
import { createStreamListener } from './stream-listener.ts';
import { createListening, delta, DONE, event, failure, relayedText, role, SSE, openChat, useListening } from './test-listening.ts';

const listening = useListening();
let listener: UpstreamListener;
beforeEach(() => {
  listener = createStreamListener(listening.input);
});

const usage = event({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const kinds = (): number[] => listening.frames.map((frame) => frame.kind);

describe('before the first content', () => {
  test('nothing of the stream leaves', () => {
    listener.head(200, SSE);
    listener.data(role());
    expect(listening.frames).toHaveLength(0);
  });

  test('status and headers leave after 300 ms, and still nothing of the stream', () => {
    listener.head(200, SSE);
    listener.data(role());
    vi.advanceTimersByTime(299);
    expect(listening.frames).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(kinds()).toEqual([FRAME.head]);
    expect(frameMeta<HeadMeta>(listening.frames[0]!)).toEqual({ status: 200, headers: { from: 'provider' } });
  });

  test.each<[string, () => void]>([
    ['an error event', () => listener.data(failure)],
    ['a cut connection', () => listener.error(new GatewayError('upstream_truncated', 'cut'))],
    ['an end without an end marker', () => listener.end()],
  ])('%s leaves the job free to go elsewhere unseen', (_what, fails) => {
    listener.head(200, SSE);
    listener.data(role());
    fails();
    expect(listening.outcomes).toHaveLength(1);
    expect(listening.outcomes[0]).toMatchObject({ status: 'failure', relayed: false });
    expect(listening.frames).toHaveLength(0);
    vi.advanceTimersByTime(1_000);
    expect(listening.frames).toHaveLength(0);
  });

  test('a document instead of events leaves the job free to go elsewhere unseen', () => {
    listener.head(200, SSE);
    listener.data(Buffer.from('<html>sorry</html>\n\n'));
    expect(listening.outcomes[0]).toMatchObject({ status: 'failure', relayed: false });
    expect(listening.frames).toHaveLength(0);
  });

  test('a failure after the head left is still unseen: the client has no event', () => {
    listener.head(200, SSE);
    vi.advanceTimersByTime(400);
    listener.data(failure);
    expect(kinds()).toEqual([FRAME.head]);
    expect(listening.outcomes[0]?.relayed).toBe(false);
  });
});

describe('from the first content on', () => {
  test('events leave as they come, with what was held back in front', () => {
    listener.head(200, SSE);
    listener.data(role());
    listener.data(delta({ content: 'he' }));
    listener.data(delta({ content: 'llo' }));
    expect(kinds()[0]).toBe(FRAME.head);
    expect(relayedText(listening.frames).startsWith(role().toString())).toBe(true);
    expect(relayedText(listening.frames)).toContain('"he"');
    expect(relayedText(listening.frames)).toContain('"llo"');
  });

  test.each<[string, () => void]>([
    ['an error event', () => listener.data(failure)],
    ['a cut connection', () => listener.error(new GatewayError('upstream_truncated', 'cut'))],
    ['an end without an end marker', () => listener.end()],
  ])('%s is seen: the job may not run again elsewhere', (_what, fails) => {
    listener.head(200, SSE);
    listener.data(delta({ content: 'text' }));
    fails();
    expect(listening.outcomes).toHaveLength(1);
    expect(listening.outcomes[0]).toMatchObject({ status: 'failure', relayed: true });
  });

  test('a cut stream is billed by the text it produced', () => {
    listener.head(200, SSE);
    listener.data(delta({ content: 'some text' }));
    listener.error(new GatewayError('client_gone', 'gone'));
    expect(listening.outcomes[0]).toMatchObject({ status: 'cancelled', usage: undefined, unstatedText: 'some text' });
  });

  test('a provider’s own error event also ends the call to it', () => {
    listener.head(200, SSE);
    listener.data(delta({ content: 'x' }));
    listener.data(failure);
    expect(listening.aborted).toHaveLength(1);
  });
});

describe('a complete stream', () => {
  test('settles once, with usage and finish reason, and its end marker goes with the last frame', () => {
    listener.head(200, SSE);
    listener.data(Buffer.concat([role(), delta({ content: 'hi' }), delta({}, 'stop'), usage, DONE]));
    listener.end();
    expect(listening.outcomes).toHaveLength(1);
    expect(listening.outcomes[0]).toMatchObject({
      status: 'success',
      relayed: true,
      error: undefined,
      finishReason: 'stop',
      unstatedText: undefined,
    });
    expect(listening.outcomes[0]?.usage).toMatchObject({ inputTokens: 3, outputTokens: 2 });
    expect(relayedText(listening.frames) + Buffer.from(listening.outcomes[0]?.body ?? []).toString()).toMatch(/data: \[DONE\]\n\n$/);
  });

  test('cut anywhere by the network is relayed byte for byte', () => {
    const whole = Buffer.concat([role(), delta({ content: 'grüße 😀' }), delta({ content: 'zwei' }), delta({}, 'stop'), usage, DONE]);
    listener.head(200, SSE);
    for (const byte of whole) listener.data(Buffer.from([byte]));
    listener.end();
    expect(relayedText(listening.frames) + Buffer.from(listening.outcomes[0]?.body ?? []).toString()).toBe(whole.toString());
  });

  test('without any content is a success with a head', () => {
    listener.head(200, SSE);
    listener.data(Buffer.concat([role(), delta({}, 'stop'), DONE]));
    expect(listening.outcomes[0]?.status).toBe('success');
    expect(kinds()[0]).toBe(FRAME.head);
  });

  test('takes nothing that still comes after its end marker', () => {
    listener.head(200, SSE);
    listener.data(Buffer.concat([delta({ content: 'a' }), delta({}, 'stop'), DONE]));
    const before = listening.frames.length;
    listener.data(delta({ content: 'late' }));
    listener.error(new GatewayError('upstream_truncated', 'cut'));
    listener.end();
    expect(listening.frames).toHaveLength(before);
    expect(listening.outcomes).toHaveLength(1);
  });

  test('notes when its first content came', () => {
    listener.head(200, SSE);
    vi.advanceTimersByTime(120);
    listener.data(delta({ content: 'a' }));
    vi.advanceTimersByTime(500);
    listener.data(Buffer.concat([delta({}, 'stop'), DONE]));
    expect(listening.outcomes[0]).toMatchObject({ startedAt: 1_000, firstTokenAt: 1_120, endedAt: 1_620 });
  });
});

describe('an answer that is no stream', () => {
  test.each<[string, number, Record<string, string>, string, string]>([
    ['a refusal', 429, { 'content-type': 'application/json' }, '{"error":{"message":"slow down"}}', 'upstream_rate_limited'],
    ['a web page', 200, { 'content-type': 'text/html' }, '<html></html>', 'upstream_invalid_response'],
    ['a whole answer', 200, { 'content-type': 'application/json' }, '{"choices":[]}', 'upstream_invalid_response'],
    ['nothing at all', 200, {}, '', 'upstream_truncated'],
    ['a web page of a proxy', 502, { 'content-type': 'text/html' }, '<html>Bad gateway</html>', 'upstream_error'],
  ])('%s fails unseen, with the provider’s status kept for the ledger', (_what, status, headers, body, code) => {
    listener.head(status, headers);
    listener.data(Buffer.from(body));
    listener.end();
    expect(listening.outcomes[0]).toMatchObject({ status: 'failure', relayed: false, upstreamStatus: status });
    expect(listening.outcomes[0]?.error?.code).toBe(code);
    expect(listening.frames).toHaveLength(0);
  });

  test('costs nothing when the provider refused', () => {
    listener.head(400, { 'content-type': 'application/json' });
    listener.end();
    expect(listening.outcomes[0]).toMatchObject({ usage: undefined, unstatedText: undefined });
  });
});

test('an answer of the provider’s own type is relayed as it comes', () => {
  const decoder: StreamDecoder = {
    push: (chunk) => ({ bytes: chunk, hasContent: true, done: false, error: undefined }),
    end: () => ({ bytes: undefined, hasContent: true, done: true, error: undefined }),
    usage: undefined,
    finishReason: undefined,
    producedText: '',
  };
  const exchange = openChat({ stream: true });
  for (const type of ['application/json', undefined]) {
    createListening(listening);
    listener = createStreamListener({ ...listening.input, exchange: { ...exchange, relaysContentType: true, openStream: () => decoder } });
    listener.head(200, type === undefined ? {} : { 'content-type': type });
    listener.data(Buffer.from('abc'));
    expect(relayedText(listening.frames)).toBe('abc');
    listener.end();
    expect(listening.outcomes[0]).toMatchObject({ status: 'success' });
  }
});

test.each(['application/x-ndjson', 'application/jsonl', 'text/plain', ''])('a stream labelled %o is one', (type) => {
  listener.head(200, { 'content-type': type });
  listener.data(delta({ content: 'a' }));
  expect(relayedText(listening.frames)).toContain('"a"');
});

test('a full window pauses the provider', () => {
  listener.head(200, SSE);
  listener.data(delta({ content: 'x'.repeat(100) }));
  expect(listening.pauses).toBe(0);
  for (let i = 0; i < 600 && listening.pauses === 0; i += 1) listener.data(delta({ content: 'x' }));
  expect(listening.pauses).toBe(1);
  expect(listening.sender.full).toBe(true);
});
