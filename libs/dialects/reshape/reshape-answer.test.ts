import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '#contracts';
import type { ConversationAnswer } from '../conversation/answer.ts';
import { readWrittenAnswer, reshapeAnswer } from './reshape-answer.ts';

const usage = {
  inputTokens: 3,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 5,
  reasoningTokens: 0,
  inputAudioTokens: 0,
  outputAudioTokens: 0,
  estimated: false,
};
const answer: ConversationAnswer = {
  model: 'm',
  text: 'Wasser “fließt”.\n\n😀',
  reasoning: [],
  toolCalls: [
    { id: 'call_1', name: 'look', argumentsText: '{"at":"ü"}' },
    { id: 'call_2', name: 'go', argumentsText: '{}' },
  ],
  finishReason: 'tool_calls',
  usage,
};
const context = { answerId: 'a', createdAt: 1, includeUsage: true };

describe.each<ClientDialect>(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini-generate'])('an answer of %s', (dialect) => {
  test.each([true, false])('that is written (as a stream: %s) and read says the same', (isStream) => {
    const body = reshapeAnswer(answer, { dialect, isStream }, context) ?? new Uint8Array(0);
    const read = readWrittenAnswer({ dialect, isStream, body });
    expect(read?.conversation).toMatchObject({ text: answer.text, finishReason: 'tool_calls' });
    expect(read?.conversation.toolCalls.map(({ name, argumentsText }) => [name, JSON.parse(argumentsText)])).toEqual([
      ['look', { at: 'ü' }],
      ['go', {}],
    ]);
    expect(read?.usage).toMatchObject({ inputTokens: 3, outputTokens: 5 });
  });

  test('that was cut, or is none, is not read', () => {
    const body = reshapeAnswer(answer, { dialect, isStream: true }, context) ?? new Uint8Array(0);
    expect(readWrittenAnswer({ dialect, isStream: true, body: body.subarray(0, body.length >> 1) })).toBeUndefined();
    expect(readWrittenAnswer({ dialect, isStream: false, body: Buffer.from('{"error":{"message":"no"}}') })).toBeUndefined();
    expect(readWrittenAnswer({ dialect, isStream: false, body: Buffer.from('<html>') })).toBeUndefined();
  });
});

test('formats that are no conversation are not read', () => {
  expect(readWrittenAnswer({ dialect: 'openai-embeddings', isStream: false, body: Buffer.from('{}') })).toBeUndefined();
});
