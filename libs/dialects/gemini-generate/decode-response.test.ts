import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeResponse } from './decode-response.ts';

const ANSWER = readFileSync(new URL('answer-thinking-tools.json', import.meta.url));

const decode = (response: unknown) => decodeResponse(Buffer.from(JSON.stringify(response)));
const candidate = (parts: readonly object[], fields: object = { finishReason: 'STOP' }) => ({
  candidates: [{ content: { role: 'model', parts }, ...fields }],
});

describe('a whole Gemini answer', () => {
  it('has its text, thoughts, signed calls and whole usage', () => {
    expect(decodeResponse(ANSWER)).toEqual({
      model: 'gemini-3-flash',
      text: 'Ich sehe nach: Zürich 🌤 und Genève.',
      reasoning: [
        { type: 'signed', text: '**Zwei Städte**\nalso zwei Aufrufe.', signature: { issuer: 'google', value: 'text.dGV4dC1zaWc=' } },
      ],
      toolCalls: [
        {
          id: expect.stringMatching(/^call_[0-9a-f]{24}$/) as string,
          name: 'get_weather',
          argumentsText: '{"city":"Zürich","station":12345678901234567890}',
          signature: { issuer: 'google', value: 'Y2FsbC1zaWc=' },
        },
        { id: 'fc_2', name: 'list_stations', argumentsText: '{}', signature: undefined },
      ],
      finishReason: 'tool_calls',
      usage: {
        inputTokens: 120,
        cacheReadTokens: 64,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
        outputTokens: 76,
        reasoningTokens: 45,
        inputAudioTokens: 20,
        outputAudioTokens: 0,
        estimated: false,
      },
    });
  });

  it('names calls without an id apart from each other', () => {
    const functionCall = { name: 'f', args: {} };
    const { toolCalls } = decode(candidate([{ functionCall }, { functionCall }]));
    expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
    expect(decode({ ...candidate([{ functionCall }]), responseId: 'b' }).toolCalls[0]?.id).not.toBe(toolCalls[0]?.id);
  });

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['OTHER', 'content_filter'],
    ['IMAGE_PROHIBITED_CONTENT', 'content_filter'],
    ['SOMETHING_NEW', 'stop'],
  ])('%s ends as %s', (finishReason, expected) => {
    expect(decode(candidate([{ text: 'x' }], { finishReason })).finishReason).toBe(expected);
  });

  it('with a call the model got wrong is an error worth another try', () => {
    for (const finishReason of ['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']) {
      expect(() => decode(candidate([], { finishReason }))).toThrow(
        expect.objectContaining({ code: 'upstream_invalid_response', retry: 'anywhere' }),
      );
    }
  });

  it('to a refused prompt is an error, for another model may take it', () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 4 } };
    expect(() => decode(blocked)).toThrow(expect.objectContaining({ code: 'content_policy_violation', retry: 'elsewhere' }));
  });

  it('has the pictures the model made, and counts their tokens and the searches it ran', () => {
    const answer = decode({
      ...candidate(
        [
          { text: 'See: ' },
          { inlineData: { mimeType: 'image/png', data: 'QUJD' } },
          { inlineData: { mimeType: 'audio/wav', data: 'QUJD' } },
        ],
        {
          finishReason: 'STOP',
          groundingMetadata: { webSearchQueries: ['a', 'b'] },
        },
      ),
      usageMetadata: {
        promptTokenCount: 5,
        candidatesTokenCount: 1_300,
        candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1_290 }],
        trafficType: 'ON_DEMAND_PRIORITY',
      },
    });
    expect(answer).toMatchObject({
      text: 'See: ',
      images: [{ mediaType: 'image/png', data: 'QUJD' }],
      usage: { outputTokens: 1_300, outputImageTokens: 1_290, webSearches: 2, serviceTier: 'priority' },
    });
  });

  it.each([
    ['{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}', 'upstream_overloaded'],
    ['[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]', 'upstream_rate_limited'],
    ['{"hello":1}', 'upstream_invalid_response'],
    ['[]', 'upstream_invalid_response'],
    ['<html>', 'upstream_invalid_response'],
  ])('that is %s fails', (body, code) => {
    expect(() => decodeResponse(Buffer.from(body))).toThrow(expect.objectContaining({ code }));
  });
});
