import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '#contracts';
import type { DialectQuirks, ProviderDialect } from './exchange.ts';
import type { MarkPlaces } from './mark-prompt.ts';
import { openExchange } from './open-exchange.ts';

/** Marks for a provider's prompt cache in requests of clients whose format has none. */
const LONG = 'All of this is always the same. '.repeat(300);
const MARK = { type: 'ephemeral' };
const POINT = { cachePoint: { type: 'default' } };

interface Translating {
  readonly to?: ProviderDialect;
  readonly places?: MarkPlaces;
  readonly quirks?: DialectQuirks;
}

/** The provider's body. */
function translated(
  clientDialect: ClientDialect,
  fields: object,
  { to = 'anthropic-messages', places = 'auto', quirks = {} }: Translating = {},
) {
  const { body } = openExchange({
    clientDialect,
    providerDialect: to,
    stream: false,
    body: Buffer.from(JSON.stringify({ model: 'm', ...fields })),
    upstreamModel: 'claude',
    defaultParams: {},
    dropParams: false,
    quirks,
    clientHeaders: {},
    createdAt: 1,
    answerId: 'x',
    marking: { places, minTokens: 1_024 },
  });
  return JSON.parse(Buffer.from(body).toString());
}

const count = (value: unknown): number => JSON.stringify(value).split(/"cache_control"|"cachePoint"/).length - 1;
const said = (role: string, text: string) => ({ role, parts: [{ text }] });

/** One request in each format: instructions, a conversation that goes on, a tool. */
const REQUESTS: readonly (readonly [ClientDialect, object])[] = [
  [
    'openai-responses',
    {
      instructions: LONG,
      input: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'ok' },
        { role: 'user', content: 'and now?' },
      ],
      tools: [{ type: 'function', name: 'a', parameters: { type: 'object' } }],
    },
  ],
  [
    'gemini-generate',
    {
      systemInstruction: { parts: [{ text: LONG }] },
      contents: [said('user', 'hi'), said('model', 'ok'), said('user', 'and now?')],
      tools: [{ functionDeclarations: [{ name: 'a', parametersJsonSchema: { type: 'object' } }] }],
    },
  ],
];

describe.each(REQUESTS)('a request in the format %s', (dialect, fields) => {
  test('has the end of its instructions and of its conversation marked for Anthropic', () => {
    const body = translated(dialect, fields);
    expect(body.system.at(-1)).toEqual({ type: 'text', text: LONG, cache_control: MARK });
    expect(body.messages.at(-1).content.at(-1)).toEqual({ type: 'text', text: 'and now?', cache_control: MARK });
    expect(count(body)).toBe(2);
  });

  test('has them on Bedrock’s Converse', () => {
    const body = translated(dialect, fields, { to: 'bedrock-converse' });
    expect(body.system).toEqual([{ text: LONG }, POINT]);
    expect(body.messages.at(-1).content).toEqual([{ text: 'and now?' }, POINT]);
    expect(count(body)).toBe(2);
  });

  test('has them at a host of OpenAI’s format that takes them', () => {
    const body = translated(dialect, fields, { to: 'openai-chat', quirks: { cacheControl: 'blocks' } });
    expect(body.messages[0].content.at(-1)).toEqual({ type: 'text', text: LONG, cache_control: MARK });
    expect(body.messages.at(-1).content.at(-1)).toEqual({ type: 'text', text: 'and now?', cache_control: MARK });
  });

  test('has them where the configuration names places, whatever their length', () => {
    const places: MarkPlaces = [
      { location: 'tool_config' },
      { location: 'message', role: 'system', control: { ...MARK, ttl: '1h' } },
      { location: 'message', index: -1 },
    ];
    const body = translated(dialect, { ...fields, instructions: undefined, systemInstruction: undefined }, { places });
    expect(body.tools.at(-1).cache_control).toEqual(MARK);
    expect(body.messages.at(-1).content.at(-1).cache_control).toEqual(MARK);
    expect(count(body)).toBe(2);
    expect(translated(dialect, fields, { places }).system.at(-1).cache_control).toEqual({ ...MARK, ttl: '1h' });
  });
});

describe('of the Responses format', () => {
  const user = (content: string) => ({ role: 'user', content });

  test('a tool’s result at the end is marked', () => {
    const input = [
      user(LONG),
      { type: 'function_call', call_id: 'c', name: 'a', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: '4' },
    ];
    expect(translated('openai-responses', { input }).messages.at(-1).content.at(-1)).toMatchObject({
      type: 'tool_result',
      cache_control: MARK,
    });
  });

  test.each<[string, object]>([
    ['a short prompt', { instructions: 'be brief', input: 'hi' }],
    ['a long question without a history', { input: LONG }],
  ])('%s has no marks', (_name, fields) => expect(count(translated('openai-responses', fields))).toBe(0));

  test('no more than four places are marked', () => {
    const input = Array.from({ length: 9 }, (_, at) => (at % 2 === 0 ? user('hi') : { role: 'assistant', content: 'ok' }));
    const body = translated('openai-responses', { input }, { places: [{ location: 'message', role: 'user' }] });
    expect(count(body)).toBe(4);
  });
});

test('chat completions are not marked again', () => {
  const messages = [
    { role: 'system', content: LONG },
    { role: 'user', content: 'hi' },
  ];
  expect(count(translated('openai-chat', { messages }))).toBe(0);
});
