import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mapError } from './map-error.ts';
import { relayResponse } from './relay-response.ts';

const FIXTURE = readFileSync(new URL('answer-thinking-tools.json', import.meta.url));
const relay = (text: string | Buffer) => relayResponse(Buffer.from(text), 0, mapError);

describe('a whole message for a Messages client', () => {
  it('is the bytes of the provider, read for what is metered', () => {
    const { body, usage, finishReason } = relay(FIXTURE);
    expect(Buffer.from(body).equals(FIXTURE)).toBe(true);
    expect({ usage, finishReason }).toMatchObject({
      finishReason: 'tool_calls',
      usage: { inputTokens: 1_112, cacheReadTokens: 1_000, outputTokens: 89 },
    });
  });

  it.each([
    ['<html></html>', 'upstream_invalid_response'],
    ['[]', 'upstream_invalid_response'],
    ['{"type":"message"}', 'upstream_invalid_response'],
    ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'upstream_overloaded'],
    ['{"error":{"message":"no such model","type":"not_found_error"}}', 'upstream_not_found'],
  ])('%s in a 200 is an error', (text, code) => {
    expect(() => relay(text)).toThrow(expect.objectContaining({ code }));
  });

  it('without usage or reason says nothing of them', () => {
    expect(relay('{"content":[]}')).toMatchObject({ usage: undefined, finishReason: undefined });
  });
});
