import { describe, expect, it } from 'vitest';
import type { ExchangeInput } from '../exchange.ts';
import type { JsonRecord } from '../json/record.ts';
import { openExchange } from '../open-exchange.ts';

type Body = Record<string, unknown> & { contents: JsonRecord[]; generationConfig?: JsonRecord };

function open(request: object, model = 'gemini-2.5-flash', changes: Partial<ExchangeInput> = {}) {
  return openExchange({
    clientDialect: 'openai-chat',
    providerDialect: 'gemini-generate',
    stream: false,
    body: Buffer.from(JSON.stringify({ model: 'group', messages: [{ role: 'user', content: 'hi' }], ...request })),
    upstreamModel: model,
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_790_000_000,
    answerId: '1',
    ...changes,
  });
}

function encode(request: object, model?: string, changes?: Partial<ExchangeInput>): Body {
  return JSON.parse(Buffer.from(open(request, model, changes).body).toString()) as Body;
}

const tool = (name: string, fields: object = {}): object => ({ type: 'function', function: { name, ...fields } });
const call = (id: string, name: string, args: string): object => ({ id, type: 'function', function: { name, arguments: args } });
const user = (content: unknown): object => ({ role: 'user', content });

describe('a chat request for a Gemini model', () => {
  it('has its model and the kind of answer in the address', () => {
    expect(open({}).path).toBe('/v1beta/models/gemini-2.5-flash:generateContent');
    expect(open({}, 'gemini-2.5-flash', { stream: true }).path).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse');
    expect(open({}, 'tunedModels/my-own').path).toBe('/v1beta/tunedModels/my-own:generateContent');
    expect(open({}, 'a b?/../c').path).toBe('/v1beta/models/a%20b%3F/../c:generateContent');
    expect(encode({})).toEqual({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] });
  });

  it('joins neighbours of one role, and has system text apart', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      user('a'),
      user([{ type: 'text', text: 'b' }]),
      { role: 'assistant', content: 'c' },
      { role: 'developer', content: 'Be kind.' },
      user(''),
      user('d'),
    ];
    expect(encode({ messages })).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
        { role: 'model', parts: [{ text: 'c' }] },
        { role: 'user', parts: [{ text: 'd' }] },
      ],
    });
  });

  it('asks a model without system text, and one that is told nothing else, as the user', () => {
    const messages = [{ role: 'system', content: 'Be brief.' }, user('hi')];
    expect(encode({ messages }, 'gemma-3-27b-it')).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Be brief.' }, { text: 'hi' }] }],
    });
    expect(encode({ messages: [messages[0]] })).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Be brief.' }] }] });
  });

  it('carries every parameter', () => {
    const params = { max_completion_tokens: 50, temperature: 1.5, top_p: 0.9, top_k: 40, frequency_penalty: 0.5, presence_penalty: -0.5 };
    expect(encode({ ...params, seed: 7, stop: 'END', user: 'u-1' }).generationConfig).toEqual({
      maxOutputTokens: 50,
      temperature: 1.5,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 0.5,
      presencePenalty: -0.5,
      seed: 7,
      stopSequences: ['END'],
    });
  });

  it('puts Google’s own fields where Google has them, in either spelling', () => {
    const body = encode({
      safety_settings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      cachedContent: 'cachedContents/1',
      labels: { team: 'a' },
      response_modalities: ['TEXT', 'IMAGE'],
      imageConfig: { aspectRatio: '16:9' },
      generation_config: { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
      something_new: 1,
      tool_config: { retrievalConfig: { languageCode: 'de' } },
      tools: [tool('f')],
      tool_choice: 'auto',
    });
    expect(body).toMatchObject({
      safety_settings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
      cachedContent: 'cachedContents/1',
      labels: { team: 'a' },
      something_new: 1,
      generationConfig: {
        responseModalities: ['TEXT', 'IMAGE'],
        imageConfig: { aspectRatio: '16:9' },
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
      },
      toolConfig: { retrievalConfig: { languageCode: 'de' }, functionCallingConfig: { mode: 'AUTO' } },
    });
    expect(body).not.toHaveProperty('tool_config');
  });

  it('asks for JSON, with its schema as it came', () => {
    const schema = { type: 'object', $defs: { x: { const: 1 } }, properties: { a: { $ref: '#/$defs/x' } }, additionalProperties: false };
    expect(encode({ response_format: { type: 'json_object' } }).generationConfig).toEqual({ responseMimeType: 'application/json' });
    expect(encode({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }).generationConfig).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
    });
  });

  it('declares functions with their schemas, and Google’s own tools beside them', () => {
    const parameters = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { q: { type: ['string', 'null'] } },
    };
    const tools = [
      tool('find', { description: 'Finds', parameters }),
      tool('now'),
      { type: 'google_search' },
      { type: 'x', urlContext: {}, x: 1 },
    ];
    expect(encode({ tools })['tools']).toEqual([
      { functionDeclarations: [{ name: 'find', description: 'Finds', parametersJsonSchema: parameters }, { name: 'now' }] },
      { googleSearch: {} },
      { urlContext: {}, x: 1 },
    ]);
  });

  it.each([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [
      { type: 'function', function: { name: 'f' } },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
  ])('chooses tools by %j', (choice, config) => {
    expect(encode({ tools: [tool('f')], tool_choice: choice })['toolConfig']).toEqual({ functionCallingConfig: config });
    expect(encode({ tool_choice: choice })).not.toHaveProperty('toolConfig');
  });

  it('asks for calls that keep to their schema when a function is strict', () => {
    expect(encode({ tools: [tool('f', { strict: true })] })['toolConfig']).toEqual({ functionCallingConfig: { mode: 'VALIDATED' } });
  });

  it('refuses by name what Gemini has no place for, or drops it when that is preferred', () => {
    const request = { tools: [tool('f')], parallel_tool_calls: false };
    expect(() => encode(request)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'parallel_tool_calls' }));
    expect(open(request, undefined, { dropParams: true }).dropped).toEqual(['parallel_tool_calls']);
    expect(() => encode({ service_tier: 'scale' })).toThrow(expect.objectContaining({ param: 'service_tier' }));
    expect(encode({ service_tier: 'flex', parallel_tool_calls: true })).toMatchObject({ serviceTier: 'flex' });
    expect(encode({ service_tier: 'auto' })).not.toHaveProperty('serviceTier');
  });

  it('sends media as bytes, and by address what only Google can reach', () => {
    const content = [
      { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
      { type: 'file', file: { file_data: 'data:application/pdf;base64,REVG' } },
      { type: 'file', file: { file_id: 'gs://bucket/a%20b.MP4' } },
      { type: 'image_url', image_url: { url: 'gs://bucket/x', format: 'image/webp' } },
      { type: 'file', file: { file_id: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } },
      { type: 'input_audio', input_audio: { data: 'R0hJ', format: 'wav' } },
    ];
    expect(encode({ messages: [user(content)] }).contents[0]?.['parts']).toEqual([
      { inlineData: { mimeType: 'image/png', data: 'QUJD' } },
      { inlineData: { mimeType: 'application/pdf', data: 'REVG' } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'gs://bucket/a%20b.MP4' } },
      { fileData: { mimeType: 'image/webp', fileUri: 'gs://bucket/x' } },
      { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } },
      { inlineData: { mimeType: 'audio/wav', data: 'R0hJ' } },
    ]);
  });
});

describe('tool calls and their results for a Gemini model', () => {
  const messages = [
    user('hi'),
    { role: 'assistant', content: 'I look.', tool_calls: [call('c1', 'find', '{"id":12345678901234567890}'), call('c2', 'now', '{}')] },
    { role: 'tool', tool_call_id: 'c1', content: '{"found":true}' },
    {
      role: 'tool',
      tool_call_id: 'c2',
      content: [
        { type: 'text', text: 'late' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
      ],
    },
    user('and?'),
  ];
  const image = { inlineData: { mimeType: 'image/png', data: 'QUJD' } };

  it('are matched by name, with media behind the result for models before 3', () => {
    const { contents } = encode({ messages });
    expect(contents.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
    expect(contents[2]?.['parts']).toEqual([
      { functionResponse: { name: 'find', response: { output: { found: true } } } },
      { functionResponse: { name: 'now', response: { output: 'late' } } },
      image,
      { text: 'and?' },
    ]);
    expect(contents[1]?.['parts']).toMatchObject([
      { text: 'I look.' },
      { functionCall: { name: 'find' } },
      { functionCall: { name: 'now', args: {} } },
    ]);
    expect(Buffer.from(open({ messages }).body).toString()).toContain('"args":{"id":12345678901234567890}}},');
  });

  it('have ids, media inside the result and a signature for models from 3 on', () => {
    const { contents } = encode({ messages }, 'gemini-3.1-pro-preview');
    expect(contents[1]?.['parts']).toMatchObject([
      { text: 'I look.' },
      { functionCall: { id: 'c1', name: 'find' }, thoughtSignature: 'skip_thought_signature_validator' },
      { functionCall: { id: 'c2', name: 'now' } },
    ]);
    expect(contents[1]).not.toHaveProperty('parts[2].thoughtSignature');
    expect(contents[2]).toHaveProperty('parts[1]', {
      functionResponse: { id: 'c2', name: 'now', response: { output: 'late' }, parts: [image] },
    });
  });

  it('say when a result is an error', () => {
    const failed = [
      ...messages.slice(0, 2),
      { role: 'tool', tool_call_id: 'c1', content: 'no', is_error: true },
      { role: 'tool', tool_call_id: 'c2', content: '' },
    ];
    expect(encode({ messages: failed }).contents[2]?.['parts']).toEqual([
      { functionResponse: { name: 'find', response: { error: 'no' } } },
      { functionResponse: { name: 'now', response: { output: '' } } },
    ]);
  });
});

describe('reasoning for a Gemini model', () => {
  it.each([
    ['gemini-2.5-flash', 'low', { thinkingBudget: 1_024, includeThoughts: true }],
    ['gemini-2.5-flash', 'minimal', { thinkingBudget: 1, includeThoughts: true }],
    ['gemini-2.5-flash-lite', 'minimal', { thinkingBudget: 512, includeThoughts: true }],
    ['gemini-2.5-pro', 'minimal', { thinkingBudget: 128, includeThoughts: true }],
    ['gemini-2.5-pro', 'high', { thinkingBudget: 4_096, includeThoughts: true }],
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0, includeThoughts: false }],
    ['gemini-2.5-pro', 'none', { thinkingBudget: 128, includeThoughts: false }],
    ['gemini-3-flash-preview', 'minimal', { thinkingLevel: 'minimal', includeThoughts: true }],
    ['gemini-3-pro-preview', 'minimal', { thinkingLevel: 'low', includeThoughts: true }],
    ['gemini-3.1-pro-preview', 'medium', { thinkingLevel: 'medium', includeThoughts: true }],
    ['gemini-flash-latest', 'xhigh', { thinkingLevel: 'high', includeThoughts: true }],
    ['gemini-4-argon', 'none', { thinkingLevel: 'minimal', includeThoughts: false }],
    ['gemini-3-pro-preview', 'none', { thinkingLevel: 'low', includeThoughts: false }],
    ['1234567890', 'medium', { thinkingBudget: 2_048, includeThoughts: true }],
  ])('%s thinks with effort %s', (model, effort, config) => {
    expect(encode({ reasoning_effort: effort }, model).generationConfig).toEqual({ thinkingConfig: config });
  });

  it('has the budget a client gave in Anthropic’s words', () => {
    const thinking = { type: 'enabled', budget_tokens: 3_000 };
    expect(encode({ thinking }).generationConfig).toEqual({ thinkingConfig: { thinkingBudget: 3_000, includeThoughts: true } });
    expect(encode({ thinking: { type: 'disabled' } }).generationConfig).toEqual({
      thinkingConfig: { thinkingBudget: 0, includeThoughts: false },
    });
  });

  it('is refused by name where the model has none, unless nothing is asked for', () => {
    expect(() => encode({ reasoning_effort: 'high' }, 'gemini-2.0-flash')).toThrow(expect.objectContaining({ param: 'reasoning_effort' }));
    expect(open({ reasoning_effort: 'high' }, 'gemini-2.0-flash', { dropParams: true }).dropped).toEqual(['reasoning_effort']);
    expect(encode({ reasoning_effort: 'none' }, 'gemma-3-27b-it')).not.toHaveProperty('generationConfig');
    expect(() => encode({ reasoning_effort: 'wild' })).toThrow(expect.objectContaining({ param: 'reasoning_effort' }));
  });

  it('of another model stays out, its own goes back to the part that was signed', () => {
    const blocks = [
      { type: 'thinking', thinking: 'claude', signature: 'Q2xhdWRl' },
      { type: 'thinking', thinking: 'why', signature: 'hr1.google.text.c2ln' },
      { type: 'thinking', thinking: 'how', signature: 'hr1.google.c2lnMg==' },
    ];
    const parts = (content: string): unknown => {
      const messages = [user('hi'), { role: 'assistant', content, thinking_blocks: blocks }, user('go on')];
      return encode({ messages }).contents[1]?.['parts'];
    };
    const thoughts = [
      { text: 'why', thought: true },
      { text: 'how', thought: true, thoughtSignature: 'c2lnMg==' },
    ];
    expect(parts('so')).toEqual([...thoughts, { text: 'so', thoughtSignature: 'c2ln' }]);
    expect(parts('')).toEqual([...thoughts, { text: '', thoughtSignature: 'c2ln' }]);
  });
});
