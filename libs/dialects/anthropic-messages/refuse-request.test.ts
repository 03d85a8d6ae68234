import { describe, expect, it } from 'vitest';
import { decode } from './test-request.ts';

const refusal = (code: string, param: string) => expect.objectContaining({ code, param });

describe('fields that only Claude’s hosts have', () => {
  it('are left out and named when they only advise', () => {
    const { request, dropped } = decode({
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      cache_control: { type: 'ephemeral' },
      speed: 'fast',
      fallbacks: [{ model: 'claude-haiku-4-5' }],
      output_config: { task_budget: { type: 'tokens', total: 5 } },
    });
    expect(request.extra).toEqual({});
    expect(dropped).toEqual(['context_management', 'cache_control', 'speed', 'fallbacks', 'output_config.task_budget']);
  });

  it.each([
    { container: null },
    { mcp_servers: [] },
    { inference_geo: null },
    { speed: 'standard' },
    { context_management: { edits: [] } },
    { fallbacks: ['group'] },
  ])('that ask for nothing, as %j, go without a word', (fields) => {
    expect(decode(fields)).toMatchObject({ dropped: [], request: { extra: {} } });
  });

  it.each([
    { container: 'c_1' },
    { mcp_servers: [{ url: 'x' }] },
    { inference_geo: 'eu' },
    { thread: { type: 'create' } },
    { compaction: {} },
  ])('that ask for something, as %j, are refused by name, or dropped when told to', (fields) => {
    const [field] = Object.keys(fields);
    expect(() => decode(fields)).toThrow(refusal('unsupported_parameter', `${field}`));
    expect(decode(fields, { dropParams: true }).dropped).toEqual([field]);
    expect(decode({ ...fields, drop_params: true }).dropped).toEqual([field]);
  });
});

describe('a Messages request that nobody could read', () => {
  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {} }] };
  const result = (id: string) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] });
  it.each([
    ['a role nobody has', [{ role: 'tool', content: 'x' }], 'messages[0].role'],
    ['a result without its call', [result('c1')], 'messages[0].content[0].tool_use_id'],
    ['a result of another call', [call, result('c2')], 'messages[1].content[0].tool_use_id'],
    ['a result twice', [call, result('c1'), result('c1')], 'messages[2].content[0].tool_use_id'],
    ['a call without a result', [call, { role: 'user', content: 'x' }], 'messages[0].content'],
    ['a call without a result at the end', [call], 'messages[0].content'],
    [
      'an input that is no object',
      [{ role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: 'x' }] }],
      'messages[0].content[0].input',
    ],
    ['a picture without a source', [{ role: 'user', content: [{ type: 'image' }] }], 'messages[0].content[0].source'],
    ['a source of no kind', [{ role: 'user', content: [{ type: 'image', source: { type: 'x' } }] }], 'messages[0].content[0].source.type'],
  ])('%s is refused and named', (_name, messages, param) => {
    expect(() => decode({ messages })).toThrow(refusal('invalid_request', param));
  });

  it.each([
    [{ thinking: { type: 'enabled' } }, 'thinking.budget_tokens'],
    [{ thinking: { type: 'loud' } }, 'thinking.type'],
    [{ thinking: true }, 'thinking'],
    [{ tool_choice: 'auto' }, 'tool_choice'],
    [{ tool_choice: { type: 'tool' } }, 'tool_choice.name'],
    [{ output_config: { format: { type: 'xml' } } }, 'output_config.format.type'],
    [{ output_format: { type: 'json_schema' } }, 'output_format.schema'],
    [{ tools: [{ name: 'f', input_schema: 'x' }] }, 'tools[0].input_schema'],
    [{ stop_sequences: [1] }, 'stop_sequences[0]'],
    [{ system: [{ type: 'image', source: { type: 'url', url: 'x' } }] }, 'system[0]'],
  ])('%j is refused and named', (fields, param) => {
    expect(() => decode(fields)).toThrow(refusal('invalid_request', param));
  });
});
