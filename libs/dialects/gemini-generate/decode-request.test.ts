import { describe, expect, it } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { packThoughtSignature } from './thought-signature.ts';

const CONTENTS = [{ role: 'user', parts: [{ text: 'hi' }] }];

function decode(body: object, options: { dropParams?: boolean; defaultParams?: object } = {}) {
  return decodeRequest(
    { contents: CONTENTS, ...body },
    { stream: false, dropParams: options.dropParams ?? false, defaultParams: { ...options.defaultParams }, unsupportedParams: [] },
  );
}
const request = (body: object, options?: Parameters<typeof decode>[1]) => decode(body, options).request;

describe('a Gemini request for a provider of another format', () => {
  it('is a conversation, in either spelling of its fields', () => {
    const camel = {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      generationConfig: {
        maxOutputTokens: 9,
        temperature: 0.5,
        topP: 0.9,
        topK: 4,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        seed: 7,
        stopSequences: ['END'],
        candidateCount: 1,
        responseModalities: ['TEXT'],
        thinkingConfig: { thinkingBudget: 2_000, includeThoughts: true },
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
      },
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      tools: [{ functionDeclarations: [{ name: 'f', description: 'F', parametersJsonSchema: { type: 'object' } }] }],
    };
    const snake: unknown = JSON.parse(
      JSON.stringify(camel).replaceAll(
        /"([a-z]+[A-Z]\w*)":/g,
        (_all, name: string) => `"${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":`,
      ),
    );
    expect(request(camel)).toEqual({
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
      tools: [{ type: 'function', name: 'f', description: 'F', parameters: { type: 'object' } }],
      toolChoice: { type: 'required' },
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      seed: 7,
      stop: ['END'],
      outputFormat: { type: 'json-schema', schema: { type: 'object' } },
      reasoningBudget: 2_000,
      stream: false,
      extra: {},
    });
    expect(request(snake as object)).toEqual(request(camel));
  });

  it('has Google’s schemas as JSON schemas', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        city: { type: 'STRING', nullable: true, enum: ['a'] },
        items: { type: 'ARRAY', items: { type: 'INTEGER' }, minItems: '1' },
        any: { anyOf: [{ type: 'NUMBER' }, { type: 'BOOLEAN' }], nullable: true },
      },
      required: ['city'],
      propertyOrdering: ['city', 'items'],
    };
    const { tools } = request({ tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] });
    expect(tools[0]).toMatchObject({
      parameters: {
        type: 'object',
        properties: {
          city: { type: ['string', 'null'], enum: ['a', null] },
          items: { type: 'array', items: { type: 'integer' }, minItems: 1 },
          any: { anyOf: [{ anyOf: [{ type: 'number' }, { type: 'boolean' }] }, { type: 'null' }] },
        },
        required: ['city'],
      },
    });
    expect(JSON.stringify(tools)).not.toContain('propertyOrdering');
  });

  it('matches results to their calls by id, or by name and order where there are none', () => {
    const call = (name: string, fields: object = {}) => ({ functionCall: { name, args: { n: 1 }, ...fields } });
    const result = (name: string, response: object, fields: object = {}) => ({ functionResponse: { name, response, ...fields } });
    const contents = [
      ...CONTENTS,
      { role: 'model', parts: [{ text: 'I look.' }, call('f'), call('f'), call('g', { id: 'g1' })] },
      {
        role: 'user',
        parts: [
          result('g', { error: 'no' }, { id: 'g1', parts: [{ inlineData: { mimeType: 'image/png', data: 'QUJD' } }] }),
          result('f', { output: 'one' }),
          { text: 'and?' },
          result('f', { rows: [2] }),
        ],
      },
    ];
    const { messages } = request({ contents });
    const [, model, ...rest] = messages;
    expect(model).toMatchObject({
      role: 'assistant',
      toolCalls: [{ id: 'call_1_1' }, { id: 'call_1_2', argumentsText: '{"n":1}' }, { id: 'g1' }],
    });
    expect(rest).toMatchObject([
      { role: 'tool', toolCallId: 'g1', isError: true, parts: [{ type: 'text', text: 'no' }, { type: 'media' }] },
      { role: 'tool', toolCallId: 'call_1_1', isError: false, parts: [{ text: 'one' }] },
      { role: 'tool', toolCallId: 'call_1_2', parts: [{ text: '{"rows":[2]}' }] },
      { role: 'user', parts: [{ text: 'and?' }] },
    ]);
    expect(() => request({ contents: [...CONTENTS, { role: 'user', parts: [result('h', {})] }] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'contents[1].parts[0].functionResponse.name' }),
    );
  });

  it('has media by bytes and by address', () => {
    const parts = [
      { inline_data: { mime_type: 'IMAGE/PNG', data: 'QUJD' } },
      { fileData: { fileUri: 'https://host/a', mimeType: 'image/webp' } },
      { fileData: { fileUri: 'https://host/a.pdf' } },
      { fileData: { fileUri: 'files/abc' } },
      { executableCode: { language: 'PYTHON', code: '1' } },
    ];
    expect(request({ contents: [{ parts }] }).messages[0]?.parts).toMatchObject([
      { source: { kind: 'base64', mediaType: 'image/png', data: 'QUJD' }, at: 'contents[0].parts[0]' },
      { source: { kind: 'image-url', url: 'https://host/a', mediaType: 'image/webp' } },
      { source: { kind: 'document-url', url: 'https://host/a.pdf' } },
      { source: { kind: 'file-id', fileId: 'files/abc' } },
      { type: 'opaque', value: { executableCode: { language: 'PYTHON', code: '1' } } },
    ]);
  });

  it('gives other providers their own reasoning back, and Google’s stays Google’s', () => {
    const blocks = [
      { type: 'signed', text: '', signature: { issuer: 'claude', value: 'Q2xhdWRl' } },
      { type: 'redacted', data: 'c2VjcmV0' },
      { type: 'encrypted', id: 'rs_1', summary: '', data: 'ZW5j' },
    ] as const;
    const parts = [
      { text: 'Let me ', thought: true },
      { text: 'think.', thought: true, thoughtSignature: packThoughtSignature(blocks[0]) },
      { text: '', thought: true, thoughtSignature: packThoughtSignature(blocks[1]) },
      { text: 'Short.', thought: true, thoughtSignature: packThoughtSignature(blocks[2]) },
      { text: 'Answer', thoughtSignature: 'bmF0aXZl' },
      { text: 'unsigned', thought: true },
      { functionCall: { name: 'f' }, thoughtSignature: Buffer.from('skip_thought_signature_validator').toString('base64') },
      { functionCall: { name: 'f' }, thoughtSignature: 'Y2FsbA==' },
    ];
    expect(request({ contents: [...CONTENTS, { role: 'model', parts }] }).messages[1]).toMatchObject({
      reasoning: [
        { type: 'signed', text: 'Let me think.', signature: { issuer: 'claude', value: 'Q2xhdWRl' } },
        { type: 'redacted', data: 'c2VjcmV0' },
        { type: 'encrypted', id: 'rs_1', summary: 'Short.', data: 'ZW5j' },
        { type: 'signed', text: '', signature: { issuer: 'google', value: 'bmF0aXZl' } },
        { type: 'plain', text: 'unsigned' },
      ],
      parts: [{ type: 'text', text: 'Answer' }],
      toolCalls: [{ signature: undefined }, { signature: { issuer: 'google', value: 'Y2FsbA==' } }],
    });
  });

  it.each([
    [{ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['g'] } }, { type: 'named', name: 'g' }, ['g']],
    [{ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['g', 'h'] } }, { type: 'required' }, ['g', 'h']],
    [{ functionCallingConfig: { mode: 'VALIDATED' } }, { type: 'auto' }, ['f', 'g', 'h']],
    [{ functionCallingConfig: { mode: 'NONE' } }, { type: 'none' }, ['f', 'g', 'h']],
  ])('chooses and narrows tools by %j', (toolConfig, choice, names) => {
    const tools = [{ functionDeclarations: ['f', 'g', 'h'].map((name) => ({ name })) }];
    const decoded = request({ tools, toolConfig });
    expect(decoded.toolChoice).toEqual(choice);
    expect(decoded.tools.map((tool) => tool.type === 'function' && tool.name)).toEqual(names);
  });

  it.each([
    [{ thinkingBudget: 0 }, 'none', undefined],
    [{ thinkingBudget: -1 }, undefined, undefined],
    [{ thinkingLevel: 'HIGH' }, 'high', undefined],
    [{ thinkingBudget: 512 }, undefined, 512],
  ])('thinks by %j', (thinkingConfig, reasoningEffort, reasoningBudget) => {
    expect(request({ generationConfig: { thinkingConfig } })).toMatchObject({ reasoningEffort, reasoningBudget });
  });

  it.each([
    ['safetySettings', { safetySettings: [{ category: 'X', threshold: 'BLOCK_LOW_AND_ABOVE' }] }],
    ['cachedContent', { cached_content: 'cachedContents/1' }],
    ['labels', { labels: { a: 'b' } }],
    ['generationConfig.candidateCount', { generationConfig: { candidateCount: 2 } }],
    ['generationConfig.hasOwnProperty', { generationConfig: { hasOwnProperty: 'candidateCount' } }],
    ['generationConfig.responseModalities', { generationConfig: { responseModalities: ['AUDIO'] } }],
    ['generationConfig.responseMimeType', { generationConfig: { responseMimeType: 'text/x.enum' } }],
    ['toolConfig.retrievalConfig', { toolConfig: { retrievalConfig: {} } }],
    ['contents[0].parts[0].videoMetadata', { contents: [{ parts: [{ fileData: { fileUri: 'gs://a' }, videoMetadata: { fps: 1 } }] }] }],
  ])('refuses %s by its name, or drops it when that is preferred', (param, body) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param }));
    expect(decode(body, { dropParams: true }).dropped).toEqual([param]);
    expect(decode({ ...body, drop_params: true }).dropped).toEqual([param]);
  });

  it('leaves out without a word what asks for nothing, and what speaks to the gateway', () => {
    const body = {
      model: 'x',
      safetySettings: [
        { category: 'X', threshold: 'BLOCK_NONE' },
        { category: 'Y', threshold: 'OFF' },
      ],
      labels: {},
      metadata: { tags: ['a'] },
      fallbacks: ['b'],
      serviceTier: 'standard',
    };
    expect(decode(body)).toMatchObject({ dropped: [], request: { extra: {}, serviceTier: 'default' } });
    expect(request({ brand_new: 1 }).extra).toEqual({ brand_new: 1 });
  });

  it('has the deployment’s defaults where the client said nothing', () => {
    const defaultParams = { temperature: 0.1, max_tokens: 5, reasoning_effort: 'low', top_k: 3, custom: true };
    expect(request({ generationConfig: { temperature: 1, thinkingConfig: { thinkingBudget: 99 } } }, { defaultParams })).toMatchObject({
      temperature: 1,
      maxOutputTokens: 5,
      topK: 3,
      reasoningEffort: undefined,
      reasoningBudget: 99,
      extra: { custom: true },
    });
  });

  it.each([
    ['contents', { contents: 'hi' }],
    ['contents[0].role', { contents: [{ role: 'assistant', parts: [] }] }],
    ['contents[0].parts', { contents: [{ role: 'user' }] }],
    ['contents[0].parts[0].inlineData.mimeType', { contents: [{ parts: [{ inlineData: { data: 'QQ==' } }] }] }],
    ['generationConfig.temperature', { generationConfig: { temperature: '1' } }],
    ['generationConfig.stopSequences', { generationConfig: { stopSequences: 'END' } }],
    ['tools[0].functionDeclarations[0].name', { tools: [{ functionDeclarations: [{}] }] }],
    ['toolConfig.functionCallingConfig.mode', { toolConfig: { functionCallingConfig: { mode: 'SOME' } } }],
  ])('names %s when it can’t be read', (param, body) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
