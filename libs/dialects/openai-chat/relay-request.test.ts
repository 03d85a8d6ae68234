import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packToolCallId } from '../conversation/signature.ts';
import type { DialectQuirks, ExchangeInput } from '../exchange.ts';
import { relayRequest } from './relay-request.ts';

const MESSAGES = '"messages":[{"role":"user","content":"hi"}]';

function relay(json: string, changes: Partial<ExchangeInput> = {}) {
  const relayed = relayRequest({
    clientDialect: 'openai-chat',
    providerDialect: 'openai-chat',
    stream: false,
    body: Buffer.from(json),
    upstreamModel: 'upstream-1',
    defaultParams: {},
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 1_790_000_000,
    answerId: '1',
    ...changes,
  });
  return { ...relayed, text: Buffer.from(relayed.body).toString() };
}

describe('a chat request for a chat provider', () => {
  it('keeps unknown fields, large numbers and formatting byte for byte (P7)', () => {
    const json = `{\n  "model": "group", "top_a": 0.30000000000000004, "id":12345678901234567890,\n ${MESSAGES} , "x": {"b" : [1e400, "\\u00e9"]}\n}`;
    expect(relay(json).text).toBe(json.replace('"group"', '"upstream-1"'));
  });

  it('passes any field it does not know, whatever its name and value (P7)', () => {
    const unknown = fc.dictionary(
      fc.string({ minLength: 1 }).map((name) => `x_${name}`),
      fc.jsonValue(),
      { maxKeys: 6 },
    );
    fc.assert(
      fc.property(unknown, fc.bigInt({ min: 2n ** 53n }), (fields, big) => {
        const rest = `${JSON.stringify(fields).slice(1, -1)}`;
        const json = `{"model":"group",${rest === '' ? '' : `${rest},`}"x-big": ${big},${MESSAGES}}`;
        expect(relay(json).text).toBe(json.replace('"group"', '"upstream-1"'));
      }),
    );
  });

  it("removes the gateway's own fields and nothing else", () => {
    const ours =
      '"fallbacks":["b"],"num_retries":3,"timeout":5,"cache":{"ttl":1},"mock_testing_fallbacks":true,"litellm_session_id":"s","tags":["t"]';
    expect(relay(`{"model":"a",${ours},${MESSAGES},"mock":1}`).text).toBe(`{"model":"upstream-1",${MESSAGES},"mock":1}`);
  });

  it.each([
    ['{"tags":["a"],"trace":"t"}', '"metadata":{"trace":"t"}'],
    ['{"trace":"t", "n":1}', '"metadata":{"trace":"t"}'],
    ['{"tags":["a"],"session":{"id":1}}', undefined],
    ['{"a":"b"}', '"metadata":{"a":"b"}'],
    ['{}', '"metadata":{}'],
  ])('keeps of metadata %s what a provider takes', (metadata, expected) => {
    const { text } = relay(`{"model":"a","metadata":${metadata},${MESSAGES}}`);
    expect(text).toBe(`{"model":"upstream-1",${expected === undefined ? '' : `${expected},`}${MESSAGES}}`);
  });

  it('asks for usage in every stream and hides it from a client that did not', () => {
    const stream = { stream: true };
    expect(relay(`{"model":"a","stream":true,${MESSAGES}}`, stream)).toMatchObject({
      hidesUsage: true,
      text: `{"model":"upstream-1","stream":true,${MESSAGES},"stream_options":{"include_usage":true}}`,
    });
    expect(relay(`{"model":"a","stream_options":{"x":1},${MESSAGES}}`, stream)).toMatchObject({
      hidesUsage: true,
      text: `{"model":"upstream-1","stream_options":{"x":1,"include_usage":true},${MESSAGES}}`,
    });
    expect(relay(`{"model":"a","stream_options":{"include_usage":true},${MESSAGES}}`, stream).hidesUsage).toBe(false);
    expect(relay(`{"model":"a",${MESSAGES}}`).text).not.toContain('stream_options');
  });

  it('leaves stream_options out for a provider that refuses them', () => {
    const { text } = relay(`{"model":"a","stream_options":{"include_usage":true},${MESSAGES}}`, {
      stream: true,
      quirks: { streamUsage: false },
    });
    expect(text).toBe(`{"model":"upstream-1",${MESSAGES}}`);
  });

  it("sets the deployment's defaults only where the client set nothing", () => {
    const defaultParams = { temperature: 0.2, max_tokens: 50, extra_body: { top_k: 3 } };
    expect(relay(`{"model":"a","temperature":1,${MESSAGES}}`, { defaultParams }).text).toBe(
      `{"model":"upstream-1","temperature":1,${MESSAGES},"max_tokens":50,"top_k":3}`,
    );
    expect(relay(`{"model":"a","max_completion_tokens":9,${MESSAGES}}`, { defaultParams: { max_tokens: 50 } }).text).not.toContain(
      'max_tokens',
    );
  });

  it.each<[string, DialectQuirks['maxTokensField'], string]>([
    ['"max_completion_tokens": 7', 'max_tokens', '"max_tokens":7'],
    ['"max_tokens": 7', 'max_completion_tokens', '"max_completion_tokens":7'],
    ['"max_tokens":5,"max_completion_tokens":7', 'max_tokens', '"max_tokens":5'],
  ])('names the token limit %s as the provider does (%s)', (field, maxTokensField, expected) => {
    const body = JSON.parse(relay(`{"model":"a",${field},${MESSAGES}}`, { quirks: { maxTokensField } }).text) as Record<string, unknown>;
    expect(JSON.stringify(Object.fromEntries(Object.entries(body).filter(([name]) => name.startsWith('max_')))).slice(1, -1)).toBe(
      expected,
    );
  });

  const relayed = (request: object, quirks: DialectQuirks) =>
    JSON.parse(relay(JSON.stringify({ model: 'a', ...request }), { quirks }).text) as object;
  const USER = { role: 'user', content: 'hi' };
  const call = (id: string) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } });
  const MARK = { type: 'ephemeral' };
  const tool = { type: 'function', function: { name: 'f', strict: true }, cache_control: MARK };

  it.each<[DialectQuirks, object, object]>([
    [{ renamedParams: { seed: 'random_seed' } }, { seed: 3 }, { random_seed: 3 }],
    [{ renamedParams: { seed: 'random_seed' } }, { seed: 3, random_seed: 4 }, { random_seed: 4 }],
    [{ thinkingFormat: 'effort' }, { reasoning_effort: 'low' }, { reasoning_effort: 'low' }],
    [{ thinkingFormat: 'thinking-and-effort' }, { reasoning_effort: 'high' }, { reasoning_effort: 'high', thinking: { type: 'enabled' } }],
    [{ thinkingFormat: 'thinking-and-effort' }, { reasoning_effort: 'none' }, { thinking: { type: 'disabled' } }],
    [
      { thinkingFormat: 'thinking-switch' },
      { reasoning_effort: 'high', thinking: { type: 'disabled' } },
      { thinking: { type: 'disabled' } },
    ],
    [{ thinkingFormat: 'reasoning-object' }, { reasoning_effort: 'high' }, { reasoning: { effort: 'high' } }],
    [{ thinkingFormat: 'enable-thinking' }, { reasoning_effort: null }, { reasoning_effort: null }],
    [{ strictTools: false }, { tools: [tool] }, { tools: [{ ...tool, function: { name: 'f' } }] }],
    [{ cacheControl: false }, { tools: [tool] }, { tools: [{ type: 'function', function: { name: 'f', strict: true } }] }],
    [{}, { tools: [tool] }, { tools: [tool] }],
    [{ cacheControl: 'blocks' }, { tools: [tool] }, { tools: [tool] }],
  ])('is what a host of %j takes: %j as %j', (quirks, request, expected) => {
    expect(relayed({ ...request, messages: [USER] }, quirks)).toEqual({ model: 'upstream-1', ...expected, messages: [USER] });
  });

  it.each<[DialectQuirks, readonly object[], readonly object[]]>([
    [{ supportsDeveloperRole: false }, [{ role: 'developer', content: 'd' }, USER], [{ role: 'system', content: 'd' }, USER]],
    [{}, [{ role: 'developer', content: 'd' }], [{ role: 'developer', content: 'd' }]],
    [
      { flattenContent: true },
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ],
      [{ role: 'user', content: 'a\n\nb' }],
    ],
    [{ flattenContent: true }, [{ role: 'user', content: [{ type: 'image_url' }] }], [{ role: 'user', content: [{ type: 'image_url' }] }]],
    [
      { cacheControl: false },
      [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: MARK }], cache_control: MARK }],
      [{ role: 'user', content: [{ type: 'text', text: 'a' }] }],
    ],
    [
      { requiresToolResultName: true },
      [
        { role: 'assistant', tool_calls: [call('c')] },
        { role: 'tool', tool_call_id: 'c', content: 'x' },
      ],
      [
        { role: 'assistant', tool_calls: [call('c')] },
        { role: 'tool', tool_call_id: 'c', content: 'x', name: 'look' },
      ],
    ],
    [
      { reasoningBack: 'reasoning_content' },
      [{ role: 'assistant', content: 'a', reasoning: 'hm' }, { role: 'assistant', tool_calls: [call('c')] }, USER],
      [
        { role: 'assistant', content: 'a', reasoning_content: 'hm' },
        { role: 'assistant', tool_calls: [call('c')], reasoning_content: '' },
        USER,
      ],
    ],
    [{ reasoningBack: false }, [{ role: 'assistant', content: 'a', reasoning_content: 'hm' }], [{ role: 'assistant', content: 'a' }]],
    [{}, [{ role: 'assistant', content: 'a', reasoning_content: 'hm' }], [{ role: 'assistant', content: 'a', reasoning_content: 'hm' }]],
  ])('has the messages a host of %j takes', (quirks, messages, expected) => {
    expect(relayed({ messages }, quirks)).toEqual({ model: 'upstream-1', messages: expected });
  });

  it('leaves behind what another provider’s model signed, when a conversation moves here', () => {
    const id = packToolCallId('c1', { issuer: 'google', value: 'x'.repeat(200) });
    const messages = [
      { role: 'assistant', tool_calls: [call(id)], thinking_blocks: [{ type: 'thinking', thinking: 't', signature: 's' }] },
      { role: 'tool', tool_call_id: id, content: '12345678901234567890' },
    ];
    const expected = [
      { role: 'assistant', tool_calls: [call('c1')] },
      { ...messages[1], tool_call_id: 'c1' },
    ];
    expect(relayed({ messages }, {})).toEqual({ model: 'upstream-1', messages: expected });
    expect(relayed({ messages }, { thinkingBlocks: true })).toMatchObject({ messages: [{ thinking_blocks: [{ signature: 's' }] }, {}] });
  });

  it('names what it dropped', () => {
    const quirks = { unsupportedParams: ['seed', 'user'], reasoningEffort: false };
    const json = `{"model":"a","seed":1,"reasoning_effort":"low",${MESSAGES}}`;
    expect(relay(json, { quirks, dropParams: true }).dropped).toEqual(['seed', 'reasoning_effort']);
    expect(() => relay(json.replace('"seed":1,', ''), { quirks })).toThrow(expect.objectContaining({ param: 'reasoning_effort' }));
  });

  it('refuses by name what the provider cannot take, or drops it when told to', () => {
    const quirks = { unsupportedParams: ['logit_bias'] };
    const json = `{"model":"a","logit_bias":{"1":2},${MESSAGES}}`;
    expect(() => relay(json, { quirks })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'logit_bias' }));
    expect(relay(json, { quirks, dropParams: true }).text).toBe(`{"model":"upstream-1",${MESSAGES}}`);
    expect(relay(json.replace('{"model"', '{"drop_params":true,"model"'), { quirks }).text).toBe(`{"model":"upstream-1",${MESSAGES}}`);
    expect(relay(`{"model":"a","logit_bias":null,${MESSAGES}}`, { quirks }).text).toBe(`{"model":"upstream-1",${MESSAGES}}`);
  });
});
