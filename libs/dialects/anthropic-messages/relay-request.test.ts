import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExchangeInput } from '../exchange.ts';
import { VERTEX_HOSTING } from '../vertex-raw-predict/hosting.ts';
import { fastestMs } from '../test-fastest.ts';
import { type AnthropicHosting, DIRECT_HOSTING } from './hosting.ts';
import { openAnthropicRelay } from './relay-exchange.ts';

const REST = '"max_tokens":9,"messages":[{"role":"user","content":"hi"}]';

function relay(json: string, changes: Partial<ExchangeInput> = {}, hosting: AnthropicHosting = DIRECT_HOSTING) {
  const exchange = openAnthropicRelay(
    {
      clientDialect: 'anthropic-messages',
      providerDialect: 'anthropic-messages',
      stream: false,
      body: Buffer.from(json),
      upstreamModel: 'claude-sonnet-4-5',
      defaultParams: {},
      dropParams: false,
      quirks: {},
      clientHeaders: {},
      createdAt: 1_790_000_000,
      answerId: '1',
      ...changes,
    },
    hosting,
  );
  return { ...exchange, text: Buffer.from(exchange.body).toString() };
}

describe('a Messages request for a host of the same format', () => {
  it('keeps unknown fields, betas, large numbers and formatting byte for byte (P7)', () => {
    const json = `{\n "model": "group", "context_management": {"edits" : []}, "id":12345678901234567890,\n ${REST}, "cache_control":{"type":"ephemeral"} }`;
    expect(relay(json).text).toBe(json.replace('"group"', '"claude-sonnet-4-5"'));
  });

  it('passes any field it does not know, whatever its name and value (P7)', () => {
    const unknown = fc.dictionary(
      fc.string({ minLength: 1 }).map((name) => `x_${name}`),
      fc.jsonValue(),
      { maxKeys: 6 },
    );
    fc.assert(
      fc.property(unknown, (fields) => {
        const rest = JSON.stringify(fields).slice(1, -1);
        const json = `{"model":"group",${rest === '' ? '' : `${rest},`}${REST}}`;
        expect(relay(json).text).toBe(json.replace('"group"', '"claude-sonnet-4-5"'));
      }),
    );
  });

  it("removes the gateway's own fields, and what of metadata speaks to it", () => {
    const ours = '"fallbacks":["b"],"num_retries":3,"tags":["t"],"litellm_session_id":"s"';
    expect(relay(`{"model":"a",${ours},${REST}}`).text).toBe(`{"model":"claude-sonnet-4-5",${REST}}`);
    expect(relay(`{"model":"a","metadata":{"user_id":"u","tags":["t"],"session_id":"s"},${REST}}`).text).toContain(
      '"metadata":{"user_id":"u"}',
    );
    expect(relay(`{"model":"a","metadata":{"tags":["t"]},${REST}}`).text).not.toContain('metadata');
  });

  it.each(['"default"', '[{"model":"claude-haiku-4-5"}]'])("keeps Anthropic's own fallbacks %s", (fallbacks) => {
    expect(relay(`{"model":"a","fallbacks":${fallbacks},${REST}}`).text).toContain(`"fallbacks":${fallbacks}`);
  });

  it('names version and betas in headers, the ones the client wrote', () => {
    expect(relay(`{"model":"a",${REST}}`).headers).toEqual({ 'content-type': 'application/json', 'anthropic-version': '2023-06-01' });
    const clientHeaders = { 'anthropic-version': '2027-01-01', 'anthropic-beta': 'a-1, b-2', authorization: 'never' };
    expect(relay(`{"model":"a",${REST}}`, { clientHeaders }).headers).toEqual({
      'content-type': 'application/json',
      'anthropic-version': '2027-01-01',
      'anthropic-beta': 'a-1,b-2',
    });
  });

  it.each([
    [{ max_tokens: 50 }, ''],
    [{ max_completion_tokens: 50 }, ''],
    [{ temperature: 0.2 }, ',"temperature":0.2'],
    [{ stop: 'END' }, ',"stop_sequences":["END"]'],
    [{ extra_body: { top_k: 3 } }, ',"top_k":3'],
    [{ user: 'u' }, ',"metadata":{"user_id":"u"}'],
    [{ seed: 1 }, ',"seed":1'],
  ])("sets the deployment's default %j in this format, where the client set nothing", (defaultParams, added) => {
    expect(relay(`{"model":"a",${REST}}`, { defaultParams }).text).toBe(`{"model":"claude-sonnet-4-5",${REST}${added}}`);
  });

  it('asks for a default reasoning effort as the model thinks, unless the client spoke of thinking', () => {
    const defaultParams = { reasoning_effort: 'low' };
    const json = `{"model":"a",${REST.replace('9', '9000')}}`;
    expect(relay(json, { defaultParams }).text).toContain('"thinking":{"type":"enabled","budget_tokens":1024}');
    expect(relay(json, { defaultParams, upstreamModel: 'claude-opus-4-6' }).text).toContain(
      '"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}',
    );
    expect(relay(json.replace('{', '{"thinking":{"type":"disabled"},'), { defaultParams }).text).not.toContain('1024');
  });

  it('leaves out sampling defaults, by name, for a client of the API version that has none', () => {
    const changes = { defaultParams: { temperature: 0.5, max_tokens: 5, stop: 'x' }, clientHeaders: { 'anthropic-version': '2026-10-21' } };
    const relayed = relay(`{"model":"a",${REST}}`, changes);
    expect(relayed).toMatchObject({ text: `{"model":"claude-sonnet-4-5",${REST},"stop_sequences":["x"]}`, dropped: ['temperature'] });
    expect(relayed.headers).toMatchObject({ 'anthropic-version': '2026-10-21' });
    expect(relay(`{"model":"a","temperature":1,${REST}}`, changes).text).toContain('"temperature":1');
  });

  it('refuses by name what the provider cannot take, or drops it when told to and says so', () => {
    const quirks = { unsupportedParams: ['top_k'] };
    const json = `{"model":"a","top_k":2,${REST}}`;
    expect(() => relay(json, { quirks })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'top_k' }));
    expect(relay(json, { quirks, dropParams: true })).toMatchObject({ text: `{"model":"claude-sonnet-4-5",${REST}}`, dropped: ['top_k'] });
  });
});

describe('a history in which other providers answered', () => {
  const history = (blocks: object[], results: object[] = []): string =>
    JSON.stringify({
      model: 'a',
      messages: [{ role: 'assistant', content: blocks }, ...(results.length > 0 ? [{ role: 'user', content: results }] : [])],
    });
  const own = { type: 'thinking', thinking: 'mine', signature: 'c2ln' };

  it('loses the reasoning that Claude did not sign', () => {
    const foreign = [
      { type: 'thinking', thinking: 'x', signature: 'hr1.google.abc' },
      { type: 'thinking', thinking: 'y', signature: '' },
    ];
    const blocks = [...foreign, own, { type: 'redacted_thinking', data: 'd' }, { type: 'text', text: 'hi' }];
    const sent = JSON.parse(relay(history(blocks)).text) as { messages: { content: unknown[] }[] };
    expect(sent.messages[0]?.content).toEqual(blocks.slice(2));
  });

  it('has plain tool call ids again, in calls and results alike', () => {
    const packed = `call_1__sig__${Buffer.from('hr1.google.abc').toString('base64url')}`;
    const sent = JSON.parse(
      relay(history([{ type: 'tool_use', id: packed, name: 'f', input: {} }], [{ type: 'tool_result', tool_use_id: packed }])).text,
    ) as object;
    expect(sent).toMatchObject({ messages: [{ content: [{ id: 'call_1' }] }, { content: [{ tool_use_id: 'call_1' }] }] });
  });

  it('keeps its bytes when Claude wrote all of it', () => {
    const json = `{"model":"a","messages":[ {"role":"assistant","content":[{"type":"thinking","thinking":"é","signature":"c2ln"}]} ]}`;
    expect(relay(json).text).toBe(json.replace('"a"', '"claude-sonnet-4-5"'));
  });
});

describe('the same request on other hosts', () => {
  it('goes to Vertex with model and streaming in the address and the version in the body', () => {
    const changes = {
      stream: true,
      upstreamModel: 'claude-sonnet-4-5@20250929',
      clientHeaders: { 'anthropic-beta': 'a-1', 'anthropic-version': '2023-06-01' },
    };
    const relayed = relay(`{"model":"a","stream":true,${REST}}`, changes, VERTEX_HOSTING);
    expect(relayed.path).toBe('/models/claude-sonnet-4-5@20250929:streamRawPredict');
    expect(relayed.headers).toEqual({ 'content-type': 'application/json', 'anthropic-beta': 'a-1' });
    expect(relayed.text).toBe(`{"stream":true,${REST},"anthropic_version":"vertex-2023-10-16"}`);
    expect(relay(`{"model":"a",${REST}}`, {}, VERTEX_HOSTING).path).toBe('/models/claude-sonnet-4-5:rawPredict');
  });

  it('has its betas in the body where the host wants them, and leaves out those it refuses, by name', () => {
    const hosting: AnthropicHosting = {
      ...DIRECT_HOSTING,
      addressed: ['model', 'stream'],
      bodyVersion: 'v-1',
      betasIn: 'body',
      takesBeta: (beta) => !beta.startsWith('agent-'),
    };
    const changes = { stream: true, clientHeaders: { 'anthropic-beta': 'a-1,agent-1' } };
    const relayed = relay(`{"model":"a","stream":true,${REST}}`, changes, hosting);
    expect(relayed.text).toBe(`{${REST},"anthropic_version":"v-1","anthropic_beta":["a-1"]}`);
    expect(relayed.headers).toEqual({ 'content-type': 'application/json' });
    expect(relayed.dropped).toEqual(['anthropic-beta: agent-1']);
    expect(relay(`{"model":"a",${REST},"anthropic_version":"own"}`, {}, hosting).text).toContain('"anthropic_version":"own"');
  });
});

it('a request of 500 kB is spliced in under 10 ms', () => {
  const messages = Array.from({ length: 200 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: 'words '.repeat(450),
  }));
  const json = JSON.stringify({ model: 'a', max_tokens: 9, messages });
  expect(json.length).toBeGreaterThan(500_000);
  expect(fastestMs(() => void relay(json))).toBeLessThan(10);
});
