import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import type { ConversationEvent } from '../conversation/stream-event.ts';
import { openExchange } from '../open-exchange.ts';
import { encodeError, encodeStreamError } from './encode-error.ts';
import { encodeResponse } from './encode-response.ts';
import { createStreamEncoder } from './encode-stream.ts';

const CONTEXT = { answerId: 'a1', createdAt: 0, includeUsage: true };
const USAGE = {
  inputTokens: 100,
  cacheReadTokens: 60,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 30,
  reasoningTokens: 10,
  inputAudioTokens: 0,
  outputAudioTokens: 0,
  estimated: false,
};
const USAGE_METADATA = {
  promptTokenCount: 100,
  candidatesTokenCount: 20,
  thoughtsTokenCount: 10,
  cachedContentTokenCount: 60,
  totalTokenCount: 130,
};
const FOREIGN = Buffer.from('skip_thought_signature_validator').toString('base64');
const claude = (text: string) => Buffer.from(`headrace:${text}`).toString('base64');
const ANSWER: ConversationAnswer = {
  model: 'claude-x',
  text: 'Hello',
  reasoning: [
    { type: 'signed', text: 'why', signature: { issuer: 'claude', value: 'c2ln' } },
    { type: 'plain', text: 'how' },
  ],
  toolCalls: [
    { id: 'c1', name: 'f', argumentsText: '{"n":12345678901234567890}' },
    { id: 'c2', name: 'g', argumentsText: '' },
  ],
  finishReason: 'tool_calls',
  usage: USAGE,
  images: [{ mediaType: 'image/png', data: 'QUJD' }],
};

function streamed(events: readonly ConversationEvent[]): unknown[] {
  const encode = createStreamEncoder(CONTEXT);
  const text = [{ type: 'start', model: 'm' } as const, ...events].map(encode).join('');
  return text
    .split('\n\n')
    .filter(Boolean)
    .map((event) => JSON.parse(event.slice('data: '.length)) as unknown);
}

const chunk = (parts: readonly object[], fields: object = {}) => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...fields }],
  modelVersion: 'm',
  responseId: 'a1',
});

describe('an answer for a client of Gemini’s format', () => {
  it('has thoughts, text, pictures and calls as parts, and usage the way Gemini counts', () => {
    const text = Buffer.from(encodeResponse(ANSWER, CONTEXT)).toString();
    expect(JSON.parse(text)).toEqual({
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              { text: 'why', thought: true, thoughtSignature: claude('c2ln') },
              { text: 'how', thought: true },
              { text: 'Hello' },
              { inlineData: { mimeType: 'image/png', data: 'QUJD' } },
              { functionCall: { id: 'c1', name: 'f', args: { n: expect.any(Number) as number } }, thoughtSignature: FOREIGN },
              { functionCall: { id: 'c2', name: 'g', args: {} } },
            ],
          },
          finishReason: 'STOP',
          index: 0,
        },
      ],
      usageMetadata: USAGE_METADATA,
      modelVersion: 'claude-x',
      responseId: 'a1',
    });
    expect(text).toContain('"n":12345678901234567890');
  });

  it.each([
    ['stop', 'STOP'],
    ['length', 'MAX_TOKENS'],
    ['content_filter', 'SAFETY'],
  ] as const)('ends with %s as %s', (finishReason, expected) => {
    const answer = JSON.parse(Buffer.from(encodeResponse({ ...ANSWER, finishReason }, CONTEXT)).toString()) as object;
    expect(answer).toMatchObject({ candidates: [{ finishReason: expected }] });
  });

  it('never has a call with arguments that were cut', () => {
    const toolCalls = [{ id: 'c1', name: 'f', argumentsText: '{"n":' }];
    const encode = (finishReason: 'length' | 'tool_calls'): unknown =>
      JSON.parse(
        Buffer.from(encodeResponse({ ...ANSWER, reasoning: [], text: '', images: [], toolCalls, finishReason }, CONTEXT)).toString(),
      );
    expect(encode('tool_calls')).toMatchObject({ candidates: [{ content: { parts: [] }, finishReason: 'MALFORMED_FUNCTION_CALL' }] });
    expect(encode('length')).toMatchObject({ candidates: [{ content: { parts: [] }, finishReason: 'MAX_TOKENS' }] });
  });

  it('streamed has text as it comes, and calls whole at the end', () => {
    expect(
      streamed([
        { type: 'reasoning', text: 'why' },
        { type: 'reasoning-block', block: { type: 'signed', text: 'why', signature: { issuer: 'claude', value: 'c2ln' } } },
        { type: 'reasoning-block', block: { type: 'redacted', data: 'eA==' } },
        { type: 'text', text: 'Hel' },
        { type: 'usage', usage: { ...USAGE, outputTokens: 1 } },
        { type: 'tool-call', index: 0, id: 'c1', name: 'f' },
        { type: 'tool-call', index: 1, id: 'c2', name: 'g', signature: { issuer: 'google', value: 'Zw==' } },
        { type: 'tool-arguments', index: 0, text: '{"a"' },
        { type: 'tool-arguments', index: 1, text: '{}' },
        { type: 'tool-arguments', index: 0, text: ':1}' },
        { type: 'text', text: 'lo "ö"\n' },
        { type: 'usage', usage: USAGE },
        { type: 'finish', reason: 'tool_calls' },
      ]),
    ).toEqual([
      chunk([{ text: 'why', thought: true }]),
      chunk([{ text: '', thought: true, thoughtSignature: claude('c2ln') }]),
      chunk([{ text: '', thought: true, thoughtSignature: claude('redacted:eA==') }]),
      chunk([{ text: 'Hel' }]),
      chunk([{ text: 'lo "ö"\n' }]),
      {
        ...chunk(
          [
            { functionCall: { id: 'c1', name: 'f', args: { a: 1 } }, thoughtSignature: FOREIGN },
            { functionCall: { id: 'c2', name: 'g', args: {} }, thoughtSignature: 'Zw==' },
          ],
          { finishReason: 'STOP' },
        ),
        usageMetadata: USAGE_METADATA,
      },
    ]);
  });
});

describe('an error for a client of Gemini’s format', () => {
  const error = new GatewayError('upstream_rate_limited', 'slow down', { param: 'contents', retryAfterMs: 1_500 });

  it('is Google’s error object, with our code as its reason', () => {
    const { status, headers, body } = encodeError(error);
    expect({ status, retry: headers['retry-after'] }).toEqual({ status: 429, retry: '2' });
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      error: {
        code: 429,
        message: 'slow down',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'UPSTREAM_RATE_LIMITED',
            domain: 'headrace',
            metadata: { type: 'upstream_rate_limited' },
          },
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: 'contents', description: 'slow down' }],
          },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' },
        ],
      },
    });
  });

  it('in a stream is the same object in one event', () => {
    const text = Buffer.from(encodeStreamError(error)).toString();
    expect(text).toBe(`data: ${Buffer.from(encodeError(error).body).toString()}\n\n`);
  });
});

describe('a conversation of a chat client with Gemini', () => {
  it('gives each signature back to the part it came with', () => {
    const open = (messages: readonly unknown[]) =>
      openExchange({
        clientDialect: 'openai-chat',
        providerDialect: 'gemini-generate',
        stream: false,
        body: Buffer.from(JSON.stringify({ model: 'g', messages })),
        upstreamModel: 'gemini-3-flash',
        defaultParams: {},
        dropParams: false,
        quirks: {},
        clientHeaders: {},
        createdAt: 0,
        answerId: '1',
      });
    const user = { role: 'user', content: 'hi' };
    const answer = open([user]).decodeAnswer(readFileSync(new URL('answer-thinking-tools.json', import.meta.url)));
    const { message } =
      (JSON.parse(Buffer.from(answer.body).toString()) as { choices: { message: { tool_calls: { id: string }[] } }[] }).choices[0] ?? {};
    const results = (message?.tool_calls ?? []).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'ok' }));
    const { contents } = JSON.parse(Buffer.from(open([user, message, ...results]).body).toString()) as { contents: unknown[] };
    const id = expect.stringMatching(/^call_[0-9a-f]{24}$/) as string;
    expect(contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { text: '**Zwei Städte**\nalso zwei Aufrufe.', thought: true },
          { text: 'Ich sehe nach: Zürich 🌤 und Genève.', thoughtSignature: 'dGV4dC1zaWc=' },
          { functionCall: { id, name: 'get_weather', args: expect.anything() as object }, thoughtSignature: 'Y2FsbC1zaWc=' },
          { functionCall: { id: 'fc_2', name: 'list_stations', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id, name: 'get_weather', response: { output: 'ok' } } },
          { functionResponse: { id: 'fc_2', name: 'list_stations', response: { output: 'ok' } } },
        ],
      },
    ]);
  });
});
