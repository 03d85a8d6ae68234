import { describe, expect, test } from 'vitest';
import { markPrompt, type MarkPlaces } from './mark-prompt.ts';

const LONG = 'All of this is always the same. '.repeat(300);
const MARK = { type: 'ephemeral' };
const marked = (text: string) => [{ type: 'text', text, cache_control: MARK }];

function mark(
  fields: object,
  { places = 'auto', dialect = 'anthropic-messages' }: { places?: MarkPlaces; dialect?: 'anthropic-messages' | 'openai-chat' } = {},
) {
  const body = Buffer.from(JSON.stringify(fields));
  const bytes = markPrompt({ body, clientDialect: dialect, places, minTokens: 1_024 });
  return { isSame: bytes === body, fields: JSON.parse(Buffer.from(bytes).toString()) };
}

const count = (value: unknown): number => JSON.stringify(value).split('"cache_control"').length - 1;
const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });

describe('auto', () => {
  test('marks a long system prompt at its end', () => {
    expect(mark({ system: LONG, messages: [user('hi')] }).fields).toEqual({ system: marked(LONG), messages: [user('hi')] });
    const { fields } = mark({ messages: [{ role: 'system', content: LONG }, user('hi')] }, { dialect: 'openai-chat' });
    expect(fields.messages).toEqual([{ role: 'system', content: marked(LONG) }, user('hi')]);
  });

  test('marks the last tool where there is no system prompt', () => {
    const { fields } = mark({ tools: [{ name: 'a', description: LONG }, { name: 'b' }], messages: [user('hi')] });
    expect(fields.tools[1]).toEqual({ name: 'b', cache_control: MARK });
    expect(count(fields)).toBe(1);
  });

  test('marks the end of a conversation that goes on, and not of a question that may be the only one', () => {
    const history = [user(LONG), assistant('ok')];
    expect(mark({ messages: [...history, user('and now?')] }).fields.messages.at(-1)).toEqual(user(marked('and now?')));
    expect(mark({ messages: [user(LONG)] }).isSame).toBe(true);
  });

  test('a tool’s result ends it as well', () => {
    const messages = [
      user(LONG),
      { role: 'assistant', content: null, tool_calls: [{ id: 'x' }] },
      { role: 'tool', tool_call_id: 'x', content: '4' },
    ];
    expect(mark({ messages }, { dialect: 'openai-chat' }).fields.messages[2].cache_control).toEqual(MARK);
    const result = { type: 'tool_result', tool_use_id: 'x', content: '4' };
    expect(mark({ messages: [user(LONG), assistant('ok'), user([result])] }).fields.messages[2].content).toEqual([
      { ...result, cache_control: MARK },
    ]);
  });

  test.each<[string, object]>([
    ['a short prompt', { system: 'be brief', messages: [user('hi')] }],
    ['marks of the client’s own', { system: marked(LONG), messages: [user('hi')] }],
    ['no conversation', { input: LONG }],
    ['thoughts at the end', { messages: [user(LONG), assistant([{ type: 'thinking', thinking: 'hm' }])] }],
    ['an empty text at the end', { messages: [user(LONG), assistant('ok'), user('')] }],
  ])('%s: the very same bytes', (_name, fields) => expect(mark(fields).isSame).toBe(true));
});

describe('places that the operator names', () => {
  const messages = [user('one'), assistant('two'), user('three')];

  test('by role, by index from either end, and tools', () => {
    const places = [
      { location: 'message', role: 'system' },
      { location: 'message', index: -1 },
      { location: 'tool_config', control: { type: 'ephemeral', ttl: '1h' } },
    ] as const;
    const { fields } = mark({ system: 'short', tools: [{ name: 'a' }], messages }, { places });
    expect(fields.system).toEqual(marked('short'));
    expect(fields.messages).toEqual([user('one'), assistant('two'), user(marked('three'))]);
    expect(fields.tools).toEqual([{ name: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }]);
  });

  test('never more than the four that a provider takes', () => {
    const many = Array.from({ length: 20 }, (_, at) => user(`text ${at}`));
    expect(count(mark({ messages: many }, { places: [{ location: 'message', role: 'user' }] }).fields)).toBe(4);
  });

  test('never where the client has set its own', () => {
    expect(mark({ system: marked('x'), messages }, { places: [{ location: 'message', index: 0 }] }).isSame).toBe(true);
  });
});
