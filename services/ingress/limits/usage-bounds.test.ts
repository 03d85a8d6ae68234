import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '#contracts';
import { type BoundsInput, usageBounds } from './usage-bounds.ts';

const bounds = (dialect: ClientDialect, fields: object, change: Partial<BoundsInput> & { stream?: boolean } = {}) => {
  const body = Buffer.from(JSON.stringify(fields));
  const { stream = false, ...more } = change;
  return usageBounds({
    call: { dialect, fields: { ...fields }, body, stream },
    inputTokens: 10,
    mostInputTokens: 20,
    defaultOutputTokens: 4_096,
    ...more,
  });
};

describe('the longest answer', () => {
  test.each<[string, ClientDialect, object, number]>([
    ['is what the client says', 'openai-chat', { max_tokens: 100 }, 100],
    ['in the newer word before the older', 'openai-chat', { max_tokens: 100, max_completion_tokens: 70 }, 70],
    ['of Responses', 'openai-responses', { max_output_tokens: 80 }, 80],
    ['of Anthropic', 'anthropic-messages', { max_tokens: 90 }, 90],
    ['of Google', 'gemini-generate', { generationConfig: { maxOutputTokens: 60 } }, 60],
    ['of several answers is that of all', 'openai-chat', { max_tokens: 100, n: 3 }, 300],
    ['of several candidates of Google too', 'gemini-generate', { generationConfig: { maxOutputTokens: 60, candidateCount: 2 } }, 120],
    ['of several prompts too', 'openai-completions', { max_tokens: 10, prompt: ['a', 'b'], best_of: 2 }, 40],
    ['of a prompt in tokens is one', 'openai-completions', { max_tokens: 10, prompt: [1, 2, 3] }, 10],
    ['has a default', 'openai-chat', {}, 4_096],
    ['that is nonsense has it too', 'openai-chat', { max_tokens: -5 }, 4_096],
    ['has thoughts besides', 'anthropic-messages', { thinking: { type: 'enabled', budget_tokens: 10_000 } }, 14_096],
    [
      'is never below the thoughts',
      'gemini-generate',
      { generationConfig: { maxOutputTokens: 10, thinkingConfig: { thinkingBudget: 1_000 } } },
      2_024,
    ],
  ])('%s', (_what, dialect, fields, tokens) => {
    expect(bounds(dialect, fields).outputTokens).toBe(tokens);
  });

  test('is never longer than the model can make it', () => {
    expect(bounds('openai-chat', { max_tokens: 1_000_000 }, { maxOutputTokens: 8_192 }).outputTokens).toBe(8_192);
  });
});

describe('the dearest way to count', () => {
  test('a conversation: thoughts may cost more than text', () => {
    const { most } = bounds('openai-chat', { max_tokens: 100 });
    expect(most).toMatchObject([
      { inputTokens: 20, outputTokens: 100, reasoningTokens: 0 },
      { inputTokens: 20, outputTokens: 100, reasoningTokens: 100 },
    ]);
  });

  test.each<[string, object, object]>([
    ['a prompt to be cached', { messages: [{ cache_control: { type: 'ephemeral' } }] }, { cacheWriteTokens: 20 }],
    ['for an hour', { messages: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }] }, { cacheWrite1hTokens: 20 }],
    ['sound in it', { messages: [{ content: [{ type: 'input_audio' }] }] }, { inputAudioTokens: 20 }],
    ['sound as its answer', { modalities: ['text', 'audio'], max_tokens: 5 }, { outputAudioTokens: 5 }],
    ['searches', { tools: [{ type: 'web_search_20250305', max_uses: 3 }] }, { webSearches: 3 }],
    ['the dearer tier', { service_tier: 'priority' }, { serviceTier: 'priority' }],
    ['the cheaper tier, which nobody promised', { service_tier: 'flex' }, { serviceTier: undefined }],
  ])('%s', (_what, fields, usage) => {
    expect(bounds('openai-chat', fields).most[0]).toMatchObject(usage);
  });

  test.each<[ClientDialect, object, readonly object[]]>([
    ['openai-embeddings', { input: 'a' }, [{ inputTokens: 20, outputTokens: 0 }]],
    ['openai-moderations', { input: 'a' }, [{ inputTokens: 20 }]],
    ['anthropic-count-tokens', {}, [{ inputTokens: 0 }]],
    [
      'openai-images',
      { n: 2, size: '1024x1024', quality: 'high' },
      [{ images: 2, imageSize: '1024x1024', imageQuality: 'high' }, { outputImageTokens: 12_600 }],
    ],
    ['openai-image-edits', { n: '3' }, [{ images: 3 }, { inputImageTokens: 6_300 }]],
    ['openai-speech', { input: 'hello' }, [{ characters: 5 }, { outputAudioTokens: 20 }]],
    ['cohere-rerank', { documents: Array.from({ length: 101 }, () => 'd') }, [{ searchUnits: 2 }, { inputTokens: 20 }]],
    ['openai-transcriptions', { parts: [{ name: 'file', sizeBytes: 40_000 }] }, [{ audioSeconds: 20 }, { inputAudioTokens: 240 }]],
  ])('%s', (dialect, fields, usages) => {
    expect(bounds(dialect, fields).most).toMatchObject(usages);
  });
});

describe('the least', () => {
  test('of a stream is its input and a little text: it can be stopped', () => {
    expect(bounds('openai-chat', { max_tokens: 500 }, { stream: true }).least).toMatchObject({ inputTokens: 20, outputTokens: 64 });
    expect(bounds('openai-chat', { max_tokens: 5 }, { stream: true }).least).toMatchObject({ outputTokens: 5 });
  });

  test('of what runs to its end once it has begun is all of it', () => {
    expect(bounds('openai-chat', {}).least).toBeUndefined();
    expect(bounds('openai-speech', { input: 'a' }, { stream: true }).least).toBeUndefined();
  });
});
