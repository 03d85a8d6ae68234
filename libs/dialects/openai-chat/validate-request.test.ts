import { describe, expect, it } from 'vitest';
import { validateRequest } from './validate-request.ts';

const MESSAGES = [{ role: 'user', content: 'hi' }];
const request = (changes: Record<string, unknown> = {}) => ({ model: 'm', messages: MESSAGES, ...changes });

describe('a chat request at the edge', () => {
  it.each([
    ['the least there can be', {}],
    [
      'nulls for everything optional',
      { n: null, max_tokens: null, temperature: null, stream: null, stop: null, tools: null, response_format: null },
    ],
    ['bounds', { model: 'm'.repeat(512), n: 128, max_tokens: 1, max_completion_tokens: 1, temperature: 2, top_p: 0, stop: ['a'] }],
    ['unknown fields and part types', { foo: [{ bar: 1 }], messages: [{ role: 'alien', content: [{ type: 'hologram' }], x: 1 }] }],
    ['a message without content', { messages: [{ role: 'assistant', tool_calls: [] }] }],
    ['image_url as a string', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'https://a/b.png' }] }] }],
    ["a provider's own tool", { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ])('passes: %s', (_name, changes) => {
    expect(() => validateRequest(request(changes))).not.toThrow();
  });

  it.each([
    [{ model: undefined }, 'model'],
    [{ model: '' }, 'model'],
    [{ model: 3 }, 'model'],
    [{ model: 'm'.repeat(513) }, 'model'],
    [{ model: 'a\u0000b' }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'hi' }, 'messages'],
    [{ messages: [null] }, 'messages[0]'],
    [{ messages: [...MESSAGES, { content: 'x' }] }, 'messages[1].role'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: ['x'] }] }, 'messages[0].content[0]'],
    [{ messages: [{ role: 'user', content: [{ text: 'x' }] }] }, 'messages[0].content[0].type'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }, 'messages[0].content[0].image_url.url'],
    [{ messages: [{ role: 'user', content: [{ type: 'file' }] }] }, 'messages[0].content[0].file'],
    [{ n: 0 }, 'n'],
    [{ n: 129 }, 'n'],
    [{ n: 1e9 }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ max_tokens: '10' }, 'max_tokens'],
    [{ max_completion_tokens: 0 }, 'max_completion_tokens'],
    [{ temperature: 2.1 }, 'temperature'],
    [{ temperature: '1' }, 'temperature'],
    [{ temperature: Number.NaN }, 'temperature'],
    [{ top_p: 2 }, 'top_p'],
    [{ stream: 'true' }, 'stream'],
    [{ stream_options: true }, 'stream_options'],
    [{ stream_options: { include_usage: 'yes' } }, 'stream_options.include_usage'],
    [{ stop: 5 }, 'stop'],
    [{ stop: ['a', 5] }, 'stop'],
    [{ tools: {} }, 'tools'],
    [{ tools: ['x'] }, 'tools[0]'],
    [{ tools: [{}] }, 'tools[0].type'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function.name'],
    [{ tools: [{ type: 'function', function: { name: '' } }] }, 'tools[0].function.name'],
    [{ response_format: 'json' }, 'response_format'],
  ])('refuses %j and names %s', (changes, param) => {
    expect(() => validateRequest(request(changes))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param, message: expect.stringContaining(`'${param}' must`) }),
    );
  });
});
