import { describe, expect, it } from 'vitest';
import type { Exchange } from '../exchange.ts';
import { openExchange } from '../open-exchange.ts';

const TOOLS = [
  { type: 'function', name: 'look' },
  { type: 'namespace', name: 'agents', description: 'd', tools: [{ type: 'function', name: 'spawn', parameters: { type: 'object' } }] },
];

function open(request: object, stream = false): Exchange {
  return openExchange({
    clientDialect: 'openai-responses',
    providerDialect: 'openai-chat',
    stream,
    body: Buffer.from(JSON.stringify({ model: 'group', input: 'hi', tools: TOOLS, ...request })),
    upstreamModel: 'm',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_790_000_000,
    answerId: 'job_1',
  });
}

const sent = (request: object): unknown => JSON.parse(Buffer.from(open(request).body).toString());
const called = (name: string): object => ({ id: 'call_1', type: 'function', function: { name, arguments: '{}' } });

describe('functions of a namespace', () => {
  it('have flat names for a provider of another format, in tools, choice and history', () => {
    const call = { type: 'function_call', call_id: 'call_1', namespace: 'agents', name: 'spawn', arguments: '{}' };
    const input = [{ role: 'user', content: 'hi' }, call, { type: 'function_call_output', call_id: 'call_1', output: 'ok' }];
    expect(sent({ input, tool_choice: { type: 'function', namespace: 'agents', name: 'spawn' } })).toMatchObject({
      tools: [{ function: { name: 'look' } }, { function: { name: 'agents__spawn' } }],
      tool_choice: { function: { name: 'agents__spawn' } },
      messages: [{ role: 'user' }, { tool_calls: [called('agents__spawn')] }, { role: 'tool' }],
    });
  });

  it('have their own names again in an answer', () => {
    const message = { role: 'assistant', content: null, tool_calls: [called('agents__spawn'), { ...called('look'), id: 'call_2' }] };
    const answer = Buffer.from(JSON.stringify({ model: 'm', choices: [{ message, finish_reason: 'tool_calls' }] }));
    const { output } = JSON.parse(Buffer.from(open({}).decodeAnswer(answer).body).toString()) as { output: object[] };
    expect(output).toMatchObject([{ namespace: 'agents', name: 'spawn' }, { name: 'look' }]);
    expect(output[1]).not.toHaveProperty('namespace');
  });

  it('have their own names again in a stream', () => {
    const chunk = {
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...called('agents__spawn') }] }, finish_reason: 'tool_calls' }],
    };
    const decoder = open({}, true).openStream();
    const pushed = decoder.push(Buffer.from(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`));
    const text = Buffer.concat([pushed.bytes ?? Buffer.alloc(0), decoder.end().bytes ?? Buffer.alloc(0)]).toString();
    expect(text.match(/"name":"spawn","namespace":"agents"/g)).toHaveLength(3);
    expect(text).not.toContain('agents__spawn');
  });

  it.each([
    ['tools[0].name', { type: 'namespace', tools: [] }],
    ['tools[0].tools', { type: 'namespace', name: 'a' }],
    ['tools[0].tools[0].name', { type: 'namespace', name: 'a', tools: [{ type: 'function' }] }],
  ])('with a fault at %s are refused by that name', (param, tool) => {
    expect(() => open({ tools: [tool] })).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
