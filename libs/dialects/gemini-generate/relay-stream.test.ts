import { describe, expect, it } from 'vitest';
import { openRelayStream } from './relay-stream.ts';

const event = (response: object) => Buffer.from(`data: ${JSON.stringify(response)}\n\n`);
const piece = (text: string, more: object = {}) => ({ candidates: [{ index: 0, content: { parts: [{ text }] }, ...more }] });

describe('a relayed stream', () => {
  it('is whole when all candidates have a finish reason at its end', () => {
    const decoder = openRelayStream(0);
    expect(decoder.push(event(piece('one ')))).toMatchObject({ hasContent: true, done: false });
    decoder.push(event({ ...piece('two', { finishReason: 'STOP' }), usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 } }));
    expect(decoder.end()).toMatchObject({ done: true, error: undefined });
    expect(decoder).toMatchObject({ usage: { inputTokens: 3, outputTokens: 2 }, finishReason: 'stop', producedText: 'one two' });
  });

  it('that fails is metered by what its last event states', () => {
    const decoder = openRelayStream(0);
    const failing = piece('', { finishReason: 'MALFORMED_FUNCTION_CALL', groundingMetadata: { webSearchQueries: ['a', 'b'] } });
    const step = decoder.push(event({ ...failing, usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 1 } }));
    expect(step.error?.code).toBe('upstream_invalid_response');
    expect(decoder.usage).toMatchObject({ inputTokens: 7, outputTokens: 1, webSearches: 2 });
  });
});
