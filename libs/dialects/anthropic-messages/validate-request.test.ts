import { describe, expect, it } from 'vitest';
import { validateCount, validateRequest } from './validate-request.ts';

const VALID = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] };

describe('a Messages request', () => {
  it.each([
    {},
    { max_tokens: undefined },
    { max_tokens: 0 },
    { system: 'x' },
    { system: [{ type: 'text', text: 'x' }] },
    { messages: [{ role: 'user', content: [{ type: 'brand_new' }] }] },
    {
      tools: [
        { name: 'f', input_schema: {} },
        { type: 'web_search_20260318', name: 'web_search' },
      ],
    },
    { stop_sequences: ['x'], temperature: 1, top_k: 5, stream: null, anything: { at: 'all' } },
  ])('with %j passes', (fields) => {
    expect(() => validateRequest({ ...VALID, ...fields })).not.toThrow();
  });

  it.each([
    [{ model: 1 }, 'model'],
    [{ model: '' }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: ['x'] }, 'messages[0]'],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{}] }] }, 'messages[0].content[0].type'],
    [{ messages: [{ role: 'user', content: ['x'] }] }, 'messages[0].content[0]'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [{ system: 5 }, 'system'],
    [{ system: [{ type: 'text' }] }, 'system[0].text'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ max_tokens: '5' }, 'max_tokens'],
    [{ temperature: 3 }, 'temperature'],
    [{ top_p: -1 }, 'top_p'],
    [{ top_k: 1.5 }, 'top_k'],
    [{ stream: 'yes' }, 'stream'],
    [{ stop_sequences: 'x' }, 'stop_sequences'],
    [{ tools: {} }, 'tools'],
    [{ tools: [1] }, 'tools[0]'],
    [{ tools: [{ type: 'custom' }] }, 'tools[0].name'],
  ])('with %j is refused and the error names the field', (fields, param) => {
    expect(() => validateRequest({ ...VALID, ...fields })).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });

  it('to count needs no limit and takes no stream', () => {
    expect(() => validateCount({ model: 'm', messages: VALID.messages })).not.toThrow();
    expect(() => validateCount({ ...VALID, stream: true })).toThrow(expect.objectContaining({ param: 'stream' }));
  });
});
