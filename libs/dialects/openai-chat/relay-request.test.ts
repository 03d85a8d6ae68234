import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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

  it('refuses by name what the provider cannot take, or drops it when told to', () => {
    const quirks = { unsupportedParams: ['logit_bias'] };
    const json = `{"model":"a","logit_bias":{"1":2},${MESSAGES}}`;
    expect(() => relay(json, { quirks })).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param: 'logit_bias' }));
    expect(relay(json, { quirks, dropParams: true }).text).toBe(`{"model":"upstream-1",${MESSAGES}}`);
    expect(relay(json.replace('{"model"', '{"drop_params":true,"model"'), { quirks }).text).toBe(`{"model":"upstream-1",${MESSAGES}}`);
    expect(relay(`{"model":"a","logit_bias":null,${MESSAGES}}`, { quirks }).text).toBe(`{"model":"upstream-1",${MESSAGES}}`);
  });
});
