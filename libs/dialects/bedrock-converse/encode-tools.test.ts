import { describe, expect, it } from 'vitest';
import type { ExchangeInput } from '../exchange.ts';
import { openConverse } from './test-exchange.ts';

type Json = Record<string, unknown>;
const USER = { role: 'user', content: 'hi' };
const NOVA = 'us.amazon.nova-2-lite-v1:0';
const GPT = 'openai.gpt-oss-120b-1:0';
const LLAMA = 'us.meta.llama3-3-70b-instruct-v1:0';
const OPUS = 'global.anthropic.claude-opus-4-7';

function encode(request: object, upstreamModel?: string, changes: Partial<ExchangeInput> = {}): Json {
  const exchange = openConverse(request, { ...(upstreamModel === undefined ? {} : { upstreamModel }), ...changes });
  return JSON.parse(Buffer.from(exchange.body).toString()) as Json;
}

const fieldsOf = (request: object, model?: string, changes?: Partial<ExchangeInput>) =>
  encode(request, model, changes)['additionalModelRequestFields'];
const tool = (name: string, more: object = {}) => ({ type: 'function', function: { name, parameters: { properties: {} }, ...more } });
const call = (id: string, name = 'f', args = '{}') => ({ id, type: 'function', function: { name, arguments: args } });
const refusal = (code: string, param?: string) => expect.objectContaining(param === undefined ? { code } : { code, param });
const SCHEMA = { type: 'object', properties: { name: { type: 'string' } } };
const FORMAT = { type: 'json_schema', json_schema: { name: 'person', schema: SCHEMA } };

describe('tools', () => {
  it('are specified with their schema’s type; strict where the model takes it', () => {
    const tools = [tool('f', { description: 'Does.', strict: true }), { type: 'function', function: { name: 'g', description: '' } }];
    const specs = (strict: boolean) => ({
      tools: [
        {
          toolSpec: {
            name: 'f',
            description: 'Does.',
            inputSchema: { json: { type: 'object', properties: {} } },
            ...(strict ? { strict: true } : {}),
          },
        },
        { toolSpec: { name: 'g', inputSchema: { json: { type: 'object', properties: {} } } } },
      ],
    });
    expect(encode({ tools })['toolConfig']).toEqual(specs(true));
    expect(encode({ tools }, NOVA)['toolConfig']).toEqual(specs(false));
    expect(encode({ tools }, OPUS)['toolConfig']).toEqual(specs(false));
  });

  it.each([
    ['auto', { auto: {} }],
    ['required', { any: {} }],
    [{ type: 'function', function: { name: 'f' } }, { tool: { name: 'f' } }],
  ])('are chosen by %j', (tool_choice, toolChoice) => {
    expect(encode({ tools: [tool('f')], tool_choice })['toolConfig']).toMatchObject({ toolChoice });
  });

  it('are left out for none; those of earlier calls are named all the same, as Converse wants', () => {
    expect(encode({ tools: [tool('f')], tool_choice: 'none' })).not.toHaveProperty('toolConfig');
    const list = [
      USER,
      { role: 'assistant', content: null, tool_calls: [call('a', 'old')] },
      { role: 'tool', tool_call_id: 'a', content: 'r' },
    ];
    for (const request of [{ messages: list }, { messages: list, tools: [tool('f')], tool_choice: 'none' }]) {
      expect(encode(request)['toolConfig']).toEqual({
        tools: [
          {
            toolSpec: {
              name: 'old',
              description: expect.stringContaining('not be called'),
              inputSchema: { json: { type: 'object', properties: {} } },
            },
          },
        ],
      });
    }
  });

  it('one at a time are Claude’s own; other models refuse the parameter', () => {
    const request = { tools: [tool('f')], parallel_tool_calls: false };
    expect(fieldsOf(request)).toEqual({ tool_choice: { type: 'auto', disable_parallel_tool_use: true } });
    expect(fieldsOf({ ...request, tool_choice: 'required' })).toEqual({ tool_choice: { type: 'any', disable_parallel_tool_use: true } });
    expect(fieldsOf({ ...request, tool_choice: { type: 'function', function: { name: 'f' } } })).toEqual({
      tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
    });
    expect(() => encode(request, NOVA)).toThrow(refusal('unsupported_parameter', 'parallel_tool_calls'));
    expect(openConverse(request, { upstreamModel: NOVA, dropParams: true }).dropped).toEqual(['parallel_tool_calls']);
  });

  it('that Anthropic defines go to Claude in its own fields', () => {
    const request = { tools: [{ type: 'bash_20250124', name: 'bash' }, tool('f')] };
    expect(fieldsOf(request)).toEqual({ tools: [{ type: 'bash_20250124', name: 'bash' }] });
    expect(encode(request)['toolConfig']).toMatchObject({ tools: [{ toolSpec: { name: 'f' } }] });
    expect(encode({ tools: [{ systemTool: { name: 'nova_grounding' } }] }, NOVA)['toolConfig']).toEqual({
      tools: [{ systemTool: { name: 'nova_grounding' } }],
    });
  });
});

describe('an answer of a schema', () => {
  const forced = { toolSpec: { name: 'headrace_json_answer', inputSchema: { json: SCHEMA } } };

  it('is a forced call for Claude and Nova, beside tools of the client’s one of any', () => {
    for (const model of [undefined, OPUS, NOVA]) {
      const body = encode({ response_format: FORMAT }, model);
      expect(body['toolConfig']).toMatchObject({ tools: [forced], toolChoice: { tool: { name: 'headrace_json_answer' } } });
      expect(body).not.toHaveProperty('outputConfig');
    }
    expect(encode({ response_format: FORMAT, tools: [tool('f')] })['toolConfig']).toMatchObject({
      tools: [{ toolSpec: { name: 'f' } }, forced],
      toolChoice: { any: {} },
    });
  });

  it('is a format for open models', () => {
    expect(encode({ response_format: FORMAT }, GPT)['outputConfig']).toEqual({
      textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(SCHEMA), name: 'person' } } },
    });
  });

  it('is asked in words where a thinking Claude or the model takes neither, and for JSON without a schema', () => {
    for (const [request, model] of [
      [{ response_format: FORMAT, reasoning_effort: 'low' }, undefined],
      [{ response_format: FORMAT }, LLAMA],
      [{ response_format: { type: 'json_object' } }, undefined],
    ] as const) {
      const body = encode(request, model);
      expect(body).not.toHaveProperty('toolConfig');
      expect(JSON.stringify(body['system'])).toContain('JSON');
    }
  });
});

describe('reasoning', () => {
  it('is a budget for Claude up to 4.5 and adaptive after, with room for the answer', () => {
    expect(encode({ reasoning_effort: 'medium' })).toMatchObject({
      inferenceConfig: { maxTokens: 4_096 + 2_048 },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2_048 } },
    });
    expect(fieldsOf({ reasoning_effort: 'high' }, OPUS)).toEqual({
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'high' },
    });
    expect(fieldsOf({ reasoning_effort: 'none' })).toEqual({ thinking: { type: 'disabled' } });
    expect(() => encode({ reasoning_effort: 'low', max_tokens: 500 })).toThrow(refusal('unsupported_parameter', 'reasoning_effort'));
    expect(openConverse({ reasoning_effort: 'low', max_tokens: 500 }, { dropParams: true }).dropped).toEqual(['reasoning_effort']);
  });

  it('of the client’s own words travels as written', () => {
    const thinking = { type: 'enabled', budget_tokens: 1_500 };
    expect(encode({ thinking })).toMatchObject({ inferenceConfig: { maxTokens: 5_596 }, additionalModelRequestFields: { thinking } });
  });

  it('is in the words of the other makers', () => {
    expect(fieldsOf({ reasoning_effort: 'medium' }, NOVA)).toEqual({ reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } });
    expect(fieldsOf({ reasoning_effort: 'minimal' }, GPT)).toEqual({ reasoning_effort: 'low' });
    expect(() => encode({ reasoning_effort: 'low' }, LLAMA)).toThrow(refusal('unsupported_parameter', 'reasoning_effort'));
    expect(() => encode({ reasoning_effort: 'low' }, 'amazon.nova-pro-v1:0')).toThrow(refusal('unsupported_parameter', 'reasoning_effort'));
  });
});
