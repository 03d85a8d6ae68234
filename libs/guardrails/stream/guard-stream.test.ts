import { describe, expect, test } from 'vitest';
import type { GuardrailRule } from '#config';
import type { ClientDialect } from '#contracts';
import { chunk, eventsIn, guardEvents, responseEvents } from './test-guarding.ts';

const MASK: GuardrailRule = { kind: 'pii', entities: { EMAIL_ADDRESS: 'mask' }, phoneRegions: [] };
const TOOLS: GuardrailRule = {
  kind: 'tools',
  rules: [
    { id: 'r', tool: 'mail', isAllowed: true, args: { to: '.*@example\\.com' } },
    { id: 's', tool: 'shell', isAllowed: false, args: {} },
  ],
  isAllowed: true,
  blocks: true,
};

function run(dialect: ClientDialect, events: readonly unknown[], rule: GuardrailRule, hidden?: Record<string, string>) {
  const { guard, bytes, error } = guardEvents(events, { dialect, rules: [rule], hidden });
  return { text: bytes.toString(), written: eventsIn(bytes), error, results: guard.results() };
}

const PIECES = ['Mail ja', 'ne.roe@exam', 'ple.com', ' now'];
const MASKED = 'Mail <EMAIL_ADDRESS> now';
describe('texts of a stream are masked in the format of', () => {
  test('chat, with several choices at a time', () => {
    const events = [
      ...PIECES.flatMap((content) => [chunk(0, { content }), chunk(1, { content: content.toUpperCase() })]),
      ...[0, 1].map((index) => chunk(index, {}, 'stop')),
      { id: 'c', choices: [], usage: { total_tokens: 3 } },
      '[DONE]',
    ];
    const { written, text, results } = run('openai-chat', events, MASK);
    const of = (index: number) =>
      written
        .flatMap((event) => event['choices'] as { index: number; delta: { content?: string } }[])
        .filter((choice) => choice.index === index)
        .map(({ delta }) => delta.content ?? '')
        .join('');
    expect([of(0), of(1)]).toEqual([MASKED, 'MAIL <EMAIL_ADDRESS> NOW']);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(results).toMatchObject([{ outcome: 'masked', hits: { EMAIL_ADDRESS: 2 } }]);
  });

  test('completions, with the end in the last piece', () => {
    const events = PIECES.map((text, at) => ({ choices: [{ index: 0, text, finish_reason: at === 3 ? 'stop' : null }] }));
    const { written } = run('openai-completions', events, MASK);
    expect(written.map((event) => (event['choices'] as { text: string }[])[0]?.text).join('')).toBe(MASKED);
  });

  test('messages, before the block ends', () => {
    const events = [
      { type: 'message_start', message: {} },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...PIECES.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_stop' },
    ];
    const { written } = run('anthropic-messages', events, MASK);
    expect(written.map((event) => (event['delta'] as { text?: string } | undefined)?.text ?? '').join('')).toBe(MASKED);
    expect(written.map((event) => event['type']).slice(-2)).toEqual(['content_block_stop', 'message_stop']);
  });

  test('responses, also where the text is repeated whole, with numbers that have no gap', () => {
    const { written, text } = run('openai-responses', responseEvents(PIECES), MASK);
    expect(
      written
        .filter(({ type }) => type === 'response.output_text.delta')
        .map(({ delta }) => delta)
        .join(''),
    ).toBe(MASKED);
    expect(text).not.toContain('jane');
    expect(text.split(MASKED).length - 1).toBe(4);
    expect(written.map((event) => event['sequence_number'])).toEqual(written.map((_, index) => index));
  });

  test('Gemini’s', () => {
    const events = PIECES.map((text, at) => ({
      candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...(at === 3 ? { finishReason: 'STOP' } : {}) }],
    }));
    const { written } = run('gemini-generate', events, MASK);
    const texts = written.flatMap((event) => (event['candidates'] as { content: { parts: { text: string }[] } }[])[0]?.content.parts ?? []);
    expect(texts.map(({ text }) => text).join('')).toBe(MASKED);
  });
});

test('what was hidden is put back inside the JSON of a tool’s arguments as JSON', () => {
  const call = (args: string) => chunk(0, { tool_calls: [{ index: 0, function: { arguments: args } }] });
  const events = [call('{"to":"<NA'), call('ME_1>"}'), chunk(0, {}, 'tool_calls'), '[DONE]'];
  const { written } = run('openai-chat', events, MASK, { '<NAME_1>': 'a "quoted"\nname' });
  const args = written
    .flatMap((event) => event['choices'] as { delta: { tool_calls?: { function: { arguments: string } }[] } }[])
    .map(({ delta }) => delta.tool_calls?.[0]?.function.arguments ?? '')
    .join('');
  expect(JSON.parse(args)).toEqual({ to: 'a "quoted"\nname' });
});

describe('tool calls of a stream', () => {
  const named = (name: string, args: readonly string[]) => [
    chunk(0, { tool_calls: [{ index: 0, id: 't', type: 'function', function: { name, arguments: '' } }] }),
    ...args.map((piece) => chunk(0, { tool_calls: [{ index: 0, function: { arguments: piece } }] })),
    chunk(0, {}, 'tool_calls'),
    '[DONE]',
  ];

  test('that may not be made end it before anything of them has left', () => {
    const { error, text } = run('openai-chat', named('shell', ['{"cmd":"ls"}']), TOOLS);
    expect(error).toMatchObject({ code: 'guardrail_blocked', message: 'Blocked by the guardrail "g" (tool_not_allowed).' });
    expect(text).not.toContain('cmd');
  });

  test('are looked at with their whole arguments, which are held back until then', () => {
    const bad = run('openai-chat', named('mail', ['{"to":"a@exam', 'ple.org"}']), TOOLS);
    expect(bad.error?.code).toBe('guardrail_blocked');
    expect(bad.text).not.toContain('exam');
    const good = run('openai-chat', named('mail', ['{"to":"a@exam', 'ple.com"}']), TOOLS);
    expect(good.error).toBeUndefined();
    expect(good.text).toContain('a@example.com');
  });
});
