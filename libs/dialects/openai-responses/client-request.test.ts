import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExchangeInput } from '../exchange.ts';
import { openClaude } from './test-responses.ts';

const fixture = (name: string): string => readFileSync(new URL(`../anthropic-messages/${name}`, import.meta.url), 'utf8');

/** What the provider is sent. */
function sent(request: object, changes: Partial<ExchangeInput> = {}): Record<string, unknown> {
  return JSON.parse(Buffer.from(openClaude(request, changes).body).toString()) as Record<string, unknown>;
}

describe('a conversation that is given back', () => {
  const TURN = [
    { role: 'user', content: 'Weather?' },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Thought.' }], encrypted_content: 'hr1.claude.c2ln' },
    { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'hr1.redacted.cmVk' },
    { type: 'reasoning', id: 'rs_3', summary: [], encrypted_content: 'gAAAAAB' },
    { type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: 'I ask.', annotations: [] }] },
    { type: 'function_call', call_id: 'call_a', name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { type: 'function_call', call_id: 'call_b', name: 'get_weather', arguments: '' },
    { type: 'function_call_output', call_id: 'call_b', output: 'none' },
    { type: 'function_call_output', call_id: 'call_a', output: [{ type: 'input_text', text: 'rain' }] },
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be kind.' }] },
    { role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' }] },
  ];

  it('reaches a provider of another format whole, with the reasoning that it signed and no other', () => {
    expect(sent({ instructions: 'Be brief.', input: TURN })).toMatchObject({
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.' },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Thought.', signature: 'c2ln' },
            { type: 'redacted_thinking', data: 'cmVk' },
            { type: 'text', text: 'I ask.' },
            { type: 'tool_use', id: 'call_a', name: 'get_weather', input: { city: 'Oslo' } },
            { type: 'tool_use', id: 'call_b', name: 'get_weather', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_b' },
            { type: 'tool_result', tool_use_id: 'call_a' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          ],
        },
      ],
    });
  });

  it('takes the output of a response as input again', () => {
    const { body } = openClaude({}, { stream: false }).decodeAnswer(Buffer.from(fixture('answer-thinking-tools.json')));
    const { output } = JSON.parse(Buffer.from(body).toString()) as { output: object[] };
    const results = ['toolu_01A', 'toolu_01B'].map((id) => ({ type: 'function_call_output', call_id: id, output: 'ok' }));
    const { messages } = sent({ input: [{ role: 'user', content: 'x' }, ...output, ...results] }) as { messages: { content: object[] }[] };
    expect(messages[1]?.content.slice(0, 2)).toEqual([
      { type: 'thinking', thinking: 'Two cities, two calls.', signature: 'c2lnbmF0dXJl' },
      { type: 'redacted_thinking', data: 'ZW5jcnlwdGVk' },
    ]);
  });

  it.each([
    ['input[0].call_id', [{ type: 'function_call_output', call_id: 'x', output: '' }]],
    ['input[0]', [{ type: 'function_call', call_id: 'x', name: 'f', arguments: '{}' }]],
    [
      'input[0]',
      [
        { type: 'function_call', call_id: 'x', name: 'f', arguments: '{}' },
        { role: 'user', content: 'x' },
        { type: 'function_call_output', call_id: 'x', output: '' },
      ],
    ],
    ['input[0].arguments', [{ type: 'function_call', call_id: 'x', name: 'f', arguments: '[' }]],
    ['input[0].role', [{ role: 'tool', content: 'x' }]],
    ['input[0].content[0].type', [{ role: 'user', content: [{}] }]],
    ['input[0].content[0].image_url', [{ role: 'user', content: [{ type: 'input_image', image_url: 'ftp://x' }] }]],
  ])('with a fault at %s is refused by that name', (param, input) => {
    expect(() => openClaude({ input })).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});

describe('parameters of a Responses request', () => {
  it('reach a provider of another format in its own terms', () => {
    const request = {
      max_output_tokens: 9_000,
      temperature: 0.5,
      top_p: 0.9,
      tools: [{ type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }],
      tool_choice: { type: 'function', name: 'f' },
      parallel_tool_calls: false,
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } },
      user: 'u1',
    };
    expect(sent(request)).toMatchObject({
      max_tokens: 9_000,
      temperature: 0.5,
      top_p: 0.9,
      tools: [{ name: 'f', description: 'd', input_schema: { type: 'object' } }],
      tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
      metadata: { user_id: 'u1' },
    });
    expect(sent({ reasoning: { effort: 'high', summary: 'auto' } })).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 4_096 } });
  });

  it('shows the model only the allowed tools', () => {
    const tools = ['a', 'b'].map((name) => ({ type: 'function', name }));
    const choice = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'b' }] };
    expect(sent({ tools, tool_choice: choice })).toMatchObject({ tools: [{ name: 'b' }], tool_choice: { type: 'any' } });
  });

  it('leaves a web search out that an agent offers beside its functions, and names it', () => {
    const tools = [
      { type: 'function', name: 'f' },
      { type: 'web_search', external_web_access: true },
    ];
    expect(openClaude({ tools }).dropped).toContain('tools[1].web_search');
    expect(sent({ tools })).toMatchObject({ tools: [{ name: 'f' }] });
  });

  it('takes a deployment’s defaults in the words of chat completions', () => {
    const defaultParams = { max_tokens: 77, temperature: 0.1, extra_body: { top_k: 3 } };
    expect(sent({ temperature: 0.2 }, { defaultParams })).toMatchObject({ max_tokens: 77, temperature: 0.2, top_k: 3 });
  });

  const FOREIGN: readonly [string, object][] = [
    ['tools[0].web_search', { tools: [{ type: 'web_search' }] }],
    ['tools[0].custom', { tools: [{ type: 'custom', name: 'x' }] }],
    ['truncation', { truncation: 'auto' }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['text.verbosity', { text: { verbosity: 'low' } }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    [
      'input[0].type',
      {
        input: [
          { type: 'web_search_call', id: 'ws_1' },
          { role: 'user', content: 'x' },
        ],
      },
    ],
  ];

  it.each(FOREIGN)('%s is refused by name, or dropped and named under drop_params', (param, request) => {
    expect(() => openClaude(request)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param }));
    expect(openClaude(request, { dropParams: true }).dropped).toContain(param);
    expect(openClaude({ ...request, drop_params: true }).dropped).toContain(param);
  });

  it('that ask for nothing, and advice, go without a word to the provider', () => {
    const quiet = { truncation: 'disabled', background: false, include: ['reasoning.encrypted_content'], max_tool_calls: 3, store: false };
    const advice = { prompt_cache_key: 'k', stream_options: { include_obfuscation: false }, client_metadata: {} };
    const exchange = openClaude({ ...quiet, ...advice });
    expect(exchange.dropped).toEqual(expect.arrayContaining(Object.keys(advice)));
    expect(Object.keys(sent({ ...quiet, ...advice }))).toEqual(Object.keys(sent({})));
  });

  it('that nobody knows travel on, and the gateway’s own do not (P7)', () => {
    expect(sent({ brand_new: { a: 1 }, headrace_previous_response_id: 'resp_0', tags: ['x'] })).toMatchObject({ brand_new: { a: 1 } });
    expect(sent({ headrace_previous_response_id: 'resp_0' })).not.toHaveProperty('headrace_previous_response_id');
  });
});
