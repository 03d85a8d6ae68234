import { describe, expect, it } from 'vitest';
import type { ExchangeInput } from '../exchange.ts';
import { openCountTokens } from './open-count.ts';

const PNG = (width: number, height: number): string => {
  const head = Buffer.alloc(24);
  head.writeUInt32BE(0x89504e47, 0);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head.toString('base64');
};

function open(fields: object, changes: Partial<ExchangeInput> = {}) {
  return openCountTokens({
    clientDialect: 'anthropic-count-tokens',
    providerDialect: 'openai-chat',
    stream: false,
    body: Buffer.from(JSON.stringify({ model: 'group', messages: [], ...fields })),
    upstreamModel: 'upstream-1',
    defaultParams: { max_tokens: 5 },
    dropParams: false,
    quirks: {},
    clientHeaders: {},
    createdAt: 0,
    answerId: '1',
    countTokens: (text) => Promise.resolve(text.split(/\s+/).filter(Boolean).length),
    ...changes,
  });
}

async function estimate(fields: object, changes: Partial<ExchangeInput> = {}): Promise<number> {
  const answer = await open(fields, changes).local?.();
  expect(answer?.usage).toMatchObject({ inputTokens: 0, outputTokens: 0 });
  return (JSON.parse(Buffer.from(answer?.body ?? '').toString()) as { input_tokens: number }).input_tokens;
}
const user = (...content: object[]) => ({ messages: [{ role: 'user', content }] });
const image = (source: object) => ({ type: 'image', source });

describe('counting tokens', () => {
  it('is asked of a provider that counts, without the defaults for answers', () => {
    const exchange = open({ system: 'x' }, { providerDialect: 'anthropic-messages' });
    expect(exchange.path).toBe('/v1/messages/count_tokens');
    expect(exchange.local).toBeUndefined();
    expect(Buffer.from(exchange.body).toString()).toBe('{"model":"upstream-1","messages":[],"system":"x"}');
    expect(exchange.decodeAnswer(Buffer.from('{"input_tokens":12}'))).toMatchObject({ usage: { inputTokens: 0 } });
    for (const [body, code] of [
      ['{"type":"error","error":{"type":"overloaded_error","message":"x"}}', 'upstream_overloaded'],
      ['{}', 'upstream_invalid_response'],
      ['<html>', 'upstream_invalid_response'],
    ] as const) {
      expect(() => exchange.decodeAnswer(Buffer.from(body))).toThrow(expect.objectContaining({ code }));
    }
  });

  it('is estimated here for every other provider: text, calls, results, tools, a little per message', async () => {
    expect(await estimate({ system: 'one two', messages: [{ role: 'user', content: 'three four five' }] })).toBe(5 + 4);
    const blocks = [
      { type: 'tool_result', tool_use_id: 'c', content: [{ type: 'text', text: 'one two' }] },
      { type: 'search_result', title: 'three', source: 'four', content: [{ type: 'text', text: 'five' }] },
      { type: 'document', title: 'six', source: { type: 'text', data: 'seven eight' } },
      { type: 'thinking', thinking: 'is not part of the prompt' },
      { type: 'redacted_thinking', data: 'nor is this' },
    ];
    expect(await estimate(user(...blocks))).toBe(8 + 4);
    expect(await estimate({ tools: [{ name: 'f', input_schema: { description: 'some words here' } }] })).toBe(3);
  });

  it.each([
    [image({ type: 'url', url: 'https://x.test' }), 1_600],
    [image({ type: 'base64', data: PNG(300, 250) }), 100],
    [image({ type: 'base64', data: PNG(9_000, 9_000) }), 1_600],
    [image({ type: 'base64', data: 'bm90IGEgcGljdHVyZQ==' }), 1_600],
    [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'A'.repeat(120_000) } }, 6_000],
  ])('counts media by their size', async (block, tokens) => {
    expect(await estimate(user(block))).toBe(tokens + 4);
  });

  it('reckons with Claude’s smaller tokens and its tool prompt on hosts that do not count', async () => {
    const fields = { ...user({ type: 'text', text: 'word '.repeat(100) }), tools: [{ name: 'f' }] };
    expect(await estimate(fields, { providerDialect: 'vertex-raw-predict' })).toBe(Math.ceil(101 * 1.15) + 4 + 346);
  });

  it('never fails on a strange body', async () => {
    expect(await estimate({ messages: [1, { content: 5 }, { content: [null, { type: 'new', a: 1 }] }], tools: 'x' })).toBeGreaterThan(0);
    expect(await estimate(user({ type: 'text', text: 'x'.repeat(40) }), { countTokens: undefined })).toBe(10 + 4);
  });
});
