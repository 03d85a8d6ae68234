import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '#contracts';
import type { UpstreamListener } from '#upstream';
import { createAnswerListener } from './answer-listener.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';
import { createByteCollector } from './byte-collector.ts';
import { createFrameSender } from './frame-sender.ts';
import { openChat } from './test-listening.ts';

let sentFrames: number;
let outcomes: AttemptOutcome[];
let listener: UpstreamListener;

beforeEach(() => {
  sentFrames = 0;
  outcomes = [];
  listener = createAnswerListener({
    exchange: openChat({}, { stream: false }),
    sender: createFrameSender({ attempt: 1, delivery: 1, publish: () => (sentFrames += 1), onRoom: () => undefined }),
    buildHead: (status) => ({ status, headers: {} }),
    now: () => 2_000,
    startedAt: 1_000,
    settle: (outcome) => outcomes.push(outcome),
    pause: () => undefined,
    abort: () => undefined,
  });
});

const JSON_HEADERS = { 'content-type': 'application/json' };
const answer = {
  id: 'c',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
};

function respond(status: number, body: unknown, headers: Record<string, string> = JSON_HEADERS): AttemptOutcome {
  listener.head(status, headers);
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  for (let at = 0; at < bytes.length; at += 7) listener.data(bytes.subarray(at, at + 7));
  listener.end();
  expect(outcomes).toHaveLength(1);
  return outcomes[0]!;
}

describe('an answer in one piece', () => {
  test('is kept whole for the last frame, byte for byte, and nothing is sent before', () => {
    const outcome = respond(200, answer);
    expect(Buffer.from(outcome.body ?? []).toString()).toBe(JSON.stringify(answer));
    expect(outcome).toMatchObject({ status: 'success', relayed: false, answerStatus: 200, finishReason: 'stop' });
    expect(outcome.usage).toMatchObject({ inputTokens: 3, outputTokens: 2 });
    expect(sentFrames).toBe(0);
  });

  test('without usage is estimated from its text', () => {
    const outcome = respond(200, { ...answer, usage: undefined });
    expect(outcome.usage).toBeUndefined();
    expect(outcome.unstatedText).toContain('hi');
  });

  test.each<[string, number, unknown, string, string | undefined]>([
    ['an error status', 500, { error: { message: 'boom' } }, 'upstream_error', undefined],
    ['an overload', 529, '', 'upstream_overloaded', undefined],
    ['a wrong provider key', 401, { error: { message: 'bad key' } }, 'upstream_auth', undefined],
    ['a web page with status 200', 200, '<html></html>', 'upstream_invalid_response', ''],
    ['a cut-off JSON with status 200', 200, '{"choices":[', 'upstream_invalid_response', ''],
    ['no bytes with status 200', 200, '', 'upstream_invalid_response', ''],
  ])('%s fails with %s, and costs what the provider may have charged', (_what, status, body, code, unstatedText) => {
    const outcome = respond(status, body);
    expect(outcome.status).toBe('failure');
    expect(outcome.error?.code).toBe(code);
    expect(outcome.upstreamStatus).toBe(status);
    expect(outcome.unstatedText).toBe(unstatedText);
  });

  test('cut after its head is billed for its input', () => {
    listener.head(200, JSON_HEADERS);
    listener.data(Buffer.from('{"choi'));
    listener.error(new GatewayError('upstream_truncated', 'cut'));
    expect(outcomes[0]).toMatchObject({ status: 'failure', unstatedText: '', upstreamStatus: 200 });
  });

  test('cancelled while the provider worked is billed for its input', () => {
    listener.error(new GatewayError('client_gone', 'gone'));
    expect(outcomes[0]).toMatchObject({ status: 'cancelled', unstatedText: '' });
  });

  test('that never came costs nothing', () => {
    listener.error(new GatewayError('upstream_unreachable', 'refused'));
    expect(outcomes[0]).toMatchObject({ status: 'failure', unstatedText: undefined, usage: undefined });
  });
});

describe('the collector', () => {
  test('gives back what it was given, in order', () => {
    const collector = createByteCollector();
    for (const text of ['a', 'bc', '', 'd']) collector.add(Buffer.from(text));
    expect(Buffer.from(collector.bytes()).toString()).toBe('abcd');
  });

  test('keeps no more than its limit', () => {
    const collector = createByteCollector(4);
    expect(collector.add(Buffer.alloc(4))).toBe(true);
    expect(collector.add(Buffer.alloc(1))).toBe(false);
    expect(collector.bytes()).toHaveLength(4);
  });
});
