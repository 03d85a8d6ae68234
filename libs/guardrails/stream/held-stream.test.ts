import { describe, expect, test } from 'vitest';
import type { GuardrailRule } from '#config';
import type { ClientDialect } from '#contracts';
import type { GuardVerdict } from '../external/question.ts';
import { chunk, eventsIn, EXTERNAL, guardEvents, responseEvents } from './test-guarding.ts';

/** Streams that were kept back for an external guardrail, which gives other texts. */
interface Part {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
}

type Events = ReturnType<typeof eventsIn>;

interface Changing {
  readonly change?: (text: string) => string;
  readonly hidden?: Record<string, string>;
  readonly rules?: readonly GuardrailRule[];
}

const HIDE = (text: string): string => text.replaceAll('Jane Roe', '<PERSON>');

async function change(dialect: ClientDialect, events: readonly unknown[], { change: by = HIDE, hidden, rules = [] }: Changing = {}) {
  const asked: string[][] = [];
  const ask = (_: unknown, { texts }: { readonly texts: readonly string[] }): Promise<GuardVerdict> => {
    asked.push([...texts]);
    return Promise.resolve({ texts: texts.map(by), hits: { person: 1 } });
  };
  const { guard, bytes } = guardEvents(events, { dialect, rules: [...rules, EXTERNAL], hidden, ask });
  const checked = await guard.checkHeld(bytes);
  return { asked, written: eventsIn(checked), text: Buffer.from(checked).toString(), results: guard.results() };
}

const PIECES = ['Ask Ja', 'ne R', 'oe', ' now'];
const CHANGED = 'Ask <PERSON> now';

const deltaOf = (events: Events, index: number, name: string): string =>
  events
    .flatMap((event) => event['choices'] as { index: number; delta: Record<string, string> }[])
    .filter((choice) => choice.index === index)
    .map(({ delta }) => delta[name] ?? '')
    .join('');

describe('changed texts are what is sent as the stream of', () => {
  test('chat, choice by choice, with all that else is said, and no probabilities of what is gone', async () => {
    const events = [
      chunk(0, { role: 'assistant', content: '' }),
      ...PIECES.flatMap((content) => [chunk(0, { content }), chunk(1, { content: content.toUpperCase() })]),
      { id: 'c', choices: [{ index: 0, delta: { content: '!' }, logprobs: { content: [{ token: 'Jane' }] }, finish_reason: null }] },
      ...[0, 1].map((index) => chunk(index, {}, 'stop')),
      { id: 'c', choices: [], usage: { total_tokens: 3 } },
      '[DONE]',
    ];
    const { asked, written, text, results } = await change('openai-chat', events);
    expect(asked).toEqual([['Ask Jane Roe now!', 'ASK JANE ROE NOW']]);
    expect([deltaOf(written, 0, 'content'), deltaOf(written, 1, 'content')]).toEqual([`${CHANGED}!`, 'ASK JANE ROE NOW']);
    expect(text).not.toContain('Jane');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text).toContain('"role":"assistant"');
    expect(text).toContain('"total_tokens":3');
    expect(results).toMatchObject([{ outcome: 'masked', hits: { person: 1 } }]);
  });

  test('completions, with the end in the last piece', async () => {
    const events = PIECES.map((text, at) => ({ choices: [{ index: 0, text, finish_reason: at === 3 ? 'stop' : null }] }));
    const { written } = await change('openai-completions', events);
    const choices = written.map((event) => (event['choices'] as { text: string; finish_reason: string | null }[])[0]);
    expect(choices.map((choice) => choice?.text).join('')).toBe(CHANGED);
    expect(choices.at(-1)?.finish_reason).toBe('stop');
  });

  test('messages, block by block; signed reasoning is neither shown to the guardrail nor changed', async () => {
    const thinking = [
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Jane Roe' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'sig' } },
      { type: 'content_block_stop', index: 0 },
    ];
    const events = [
      { type: 'message_start', message: {} },
      ...thinking,
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      ...PIECES.map((text) => ({ type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text } })),
      { type: 'content_block_stop', index: 1 },
      { type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 't', name: 'mail', input: {} } },
      ...['{"to":"Ja', 'ne Roe"}'].map((json) => ({
        type: 'content_block_delta',
        index: 2,
        delta: { type: 'input_json_delta', partial_json: json },
      })),
      { type: 'content_block_stop', index: 2 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    ];
    const { asked, written } = await change('anthropic-messages', events);
    expect(asked).toEqual([['Ask Jane Roe now', '{"to":"Jane Roe"}']]);
    expect(written).toEqual([
      events[0],
      ...thinking,
      events[5],
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: CHANGED } },
      events[10],
      events[11],
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"to":"<PERSON>"}' } },
      ...events.slice(-3),
    ]);
  });

  test('responses, also where the text is repeated whole, with numbers that have no gap', async () => {
    const { asked, written, text } = await change('openai-responses', responseEvents(PIECES));
    expect(asked).toEqual([['Ask Jane Roe now']]);
    expect(text).not.toContain('Jane');
    expect(text.split(CHANGED).length - 1).toBe(5);
    expect(text).not.toContain('"token"');
    expect(written.map((event) => event['sequence_number'])).toEqual(written.map((_, index) => index));
  });

  test('Gemini’s, thoughts apart from what is said, and the arguments of its tool calls', async () => {
    const said = (parts: readonly object[], finishReason?: string) => ({
      candidates: [{ index: 0, content: { role: 'model', parts }, finishReason }],
    });
    const events = [
      said([{ text: 'I ask Jane Roe', thought: true }]),
      ...PIECES.map((text) => said([{ text }])),
      said([{ text: '!', thoughtSignature: 'sig' }]),
      said([{ functionCall: { name: 'mail', args: { to: ['Jane Roe'] } } }], 'STOP'),
    ];
    const { asked, written } = await change('gemini-generate', events);
    expect(asked).toEqual([['I ask Jane Roe', 'Ask Jane Roe now!', 'Jane Roe']]);
    const parts = written.flatMap((event) => (event['candidates'] as { content: { parts: Part[] } }[])[0]?.content.parts ?? []);
    const texts = (isThought: boolean) => parts.filter((part) => (part.thought === true) === isThought).map((part) => part.text ?? '');
    expect(texts(true).join('')).toBe('I ask <PERSON>');
    expect(texts(false).join('')).toBe(`${CHANGED}!`);
    expect(parts.filter((part) => part.thoughtSignature === 'sig')).toHaveLength(1);
    expect(parts.at(-1)).toEqual({ functionCall: { name: 'mail', args: { to: ['<PERSON>'] } } });
  });
});

const call = (args: string) => chunk(0, { tool_calls: [{ index: 0, function: { arguments: args } }] });

test('what was hidden from the provider is hidden from the guardrail too, and back in what is sent', async () => {
  const events = [
    ...['Ask <NA', 'ME_1> or Jane Roe'].map((content) => chunk(0, { content })),
    call('{"to":"<NA'),
    call('ME_1>"}'),
    chunk(0, {}, 'tool_calls'),
    '[DONE]',
  ];
  const { asked, written } = await change('openai-chat', events, { hidden: { '<NAME_1>': 'Kim "K" Lee' } });
  expect(asked).toEqual([['Ask <NAME_1> or Jane Roe', '{"to":"<NAME_1>"}']]);
  expect(deltaOf(written, 0, 'content')).toBe('Ask Kim "K" Lee or <PERSON>');
  const args = written
    .flatMap((event) => event['choices'] as { delta: { tool_calls?: { function: { arguments: string } }[] } }[])
    .map(({ delta }) => delta.tool_calls?.[0]?.function.arguments ?? '');
  expect(JSON.parse(args.join(''))).toEqual({ to: 'Kim "K" Lee' });
});

test('a stream that nothing is changed in leaves as it is, byte for byte', async () => {
  const events = responseEvents(PIECES);
  const { guard, bytes } = guardEvents(events, { dialect: 'openai-responses', rules: [EXTERNAL] });
  expect(Buffer.from(await guard.checkHeld(bytes))).toEqual(bytes);
});

test('arguments that would be JSON no more are refused', async () => {
  const events = [call('{"to":"Ja'), call('ne Roe"}'), chunk(0, {}, 'tool_calls'), '[DONE]'];
  await expect(change('openai-chat', events, { change: () => 'removed' })).rejects.toMatchObject({
    code: 'guardrail_blocked',
    message: 'Blocked by the guardrail "g" (masked_arguments).',
  });
});

describe('a schema', () => {
  const SCHEMA: GuardrailRule = { kind: 'json_schema', schema: { type: 'object', required: ['age'] }, repair: true };
  const held = (events: readonly unknown[]) => guardEvents([...events, '[DONE]'], { dialect: 'openai-chat', rules: [SCHEMA] });

  test('is asked of what is said, not of reasoning before it nor of a tool’s arguments', () => {
    const thought = chunk(0, { reasoning_content: 'I think of a number.' });
    for (const events of [
      [thought, chunk(0, { content: '{"age":3}' })],
      [thought, call('{"to":1}')],
    ]) {
      const { guard, bytes } = held(events);
      expect(guard.checkHeld(bytes)).toBe(bytes);
    }
    const { guard, bytes } = held([thought, chunk(0, { content: '{"name":3}' })]);
    expect(() => guard.checkHeld(bytes)).toThrow('json_schema');
  });

  test('is met where only the marks of a code block go, and the stream goes without them', async () => {
    const { guard, bytes } = held(['```json\n{"a', 'ge":3}\n```'].map((content) => chunk(0, { content })));
    expect(deltaOf(eventsIn(await guard.checkHeld(bytes)), 0, 'content')).toBe('{"age":3}');
    expect(guard.results()).toMatchObject([{ outcome: 'repaired' }]);
  });
});
