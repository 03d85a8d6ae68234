import { describe, expect, it } from 'vitest';
import { relayResponse } from './relay-response.ts';

const relay = (text: string) => relayResponse(Buffer.from(text), 0);

describe('a whole chat answer for a chat client', () => {
  it('keeps its bytes and is read for what is metered', () => {
    const body = Buffer.from(
      '{ "id":"x", "big": 12345678901234567890, "choices":[{"finish_reason":"eos"}], "usage":{"prompt_tokens":3,"completion_tokens":4} }',
    );
    const answer = relayResponse(body, 0);
    expect(answer.body).toBe(body);
    expect(answer).toMatchObject({ finishReason: 'stop', usage: { inputTokens: 3, outputTokens: 4 } });
  });

  it('has no usage when the provider stated none', () => {
    expect(relay('{"choices":[]}')).toMatchObject({ usage: undefined, finishReason: undefined });
  });

  it.each([
    ['', 'upstream_invalid_response'],
    ['<html></html>', 'upstream_invalid_response'],
    ['[]', 'upstream_invalid_response'],
    ['{"choices":{}}', 'upstream_invalid_response'],
    ['{"id":"x"}', 'upstream_invalid_response'],
    ['{"error":{"message":"no credits left","code":402}}', 'upstream_quota'],
    ['{"error":"boom"}', 'upstream_error'],
    ['{"object":"error","message":"This model\'s maximum context length is 10 tokens","code":400}', 'context_length_exceeded'],
    ['{"choices":[{"finish_reason":"insufficient_system_resource"}]}', 'upstream_overloaded'],
  ])('%s is an error', (text, code) => {
    expect(() => relay(text)).toThrow(expect.objectContaining({ code }));
  });
});
