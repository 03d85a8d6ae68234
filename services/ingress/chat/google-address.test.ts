import { describe, expect, it } from 'vitest';
import { readGoogleAddress } from './google-address.ts';

describe('an address of a Google method', () => {
  it.each([
    ['gemini-2.5-pro:generateContent', {}, { model: 'gemini-2.5-pro', dialect: 'gemini-generate', stream: false, asArray: false }],
    [
      'openai/gpt-4o:streamGenerateContent',
      { alt: 'sse' },
      { model: 'openai/gpt-4o', dialect: 'gemini-generate', stream: true, asArray: false },
    ],
    ['ollama/llama3:8b:streamGenerateContent', {}, { model: 'ollama/llama3:8b', dialect: 'gemini-generate', stream: true, asArray: true }],
    ['m:countTokens', { alt: 'json' }, { model: 'm', dialect: 'gemini-count-tokens', stream: false, asArray: false }],
  ])('%s with %j', (address, query, facts) => {
    expect(readGoogleAddress({ '*': address }, query)).toEqual(facts);
  });

  it.each(['gemini-2.5-pro', ':generateContent', 'm:predict', 'm:toString'])('%s is none', (address) => {
    expect(() => readGoogleAddress({ '*': address }, {})).toThrow(expect.objectContaining({ code: 'route_not_found' }));
  });
});
