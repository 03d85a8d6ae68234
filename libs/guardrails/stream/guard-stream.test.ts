import { describe, expect, test } from 'vitest';
import type { GuardrailRule, GuardrailSettings } from '#config';
import type { ClientDialect } from '#contracts';
import type { StreamDecoder, StreamStep } from '#dialects';
import { AnswerGuard } from '../answer-guard.ts';
import { compileGuardrails } from '../compile-guardrails.ts';
import { guardStream } from './guard-stream.ts';

/** A decoder that gives the events it is fed. */
function relaying(): StreamDecoder {
  const step = (bytes: Uint8Array | undefined, done: boolean): StreamStep => ({ bytes, hasContent: true, done, error: undefined });
  return {
    push: (chunk) => step(chunk, false),
    end: () => step(new Uint8Array(0), true),
    usage: undefined,
    finishReason: undefined,
    producedText: '',
  };
}

const settings = (rule: GuardrailRule): GuardrailSettings => ({
  name: 'g',
  type: rule.kind,
  hooks: ['post_call'],
  defaultOn: true,
  failOpen: false,
  rule,
});
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
  const { list } = compileGuardrails({ list: [settings(rule)], allowedPrivateHosts: [], mayBeSwitchedOff: false });
  const tools = { ask: () => Promise.resolve({}), now: () => 0 };
  const guard = new AnswerGuard({ dialect, guardrails: list, hidden, schema: undefined, tools, jobId: 'j' });
  const decoder = guardStream(relaying(), guard);
  const steps = [...events.map((event) => decoder.push(Buffer.from(write(event)))), decoder.end()];
  const text = steps.map(({ bytes }) => Buffer.from(bytes ?? []).toString()).join('');
  const written = text
    .split('\n\n')
    .map((event) => /^data: (.*)$/m.exec(event)?.[1])
    .filter((data) => data !== undefined && data !== '[DONE]')
    .map((data) => JSON.parse(data ?? '') as Record<string, unknown>);
  return { text, written, error: steps.find(({ error }) => error)?.error, results: guard.results() };
}

function write(event: unknown): string {
  const type = typeof event === 'object' && event !== null && 'type' in event ? `event: ${String(event.type)}\n` : '';
  return event === '[DONE]' ? 'data: [DONE]\n\n' : `${type}data: ${JSON.stringify(event)}\n\n`;
}

const PIECES = ['Mail ja', 'ne.roe@exam', 'ple.com', ' now'];
const MASKED = 'Mail <EMAIL_ADDRESS> now';
const chunk = (index: number, delta: object, finish: string | null = null) => ({
  id: 'c',
  choices: [{ index, delta, finish_reason: finish }],
});

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
    const whole = PIECES.join('');
    const place = { output_index: 0, content_index: 0, item_id: 'm' };
    const item = { type: 'message', content: [{ type: 'output_text', text: whole }] };
    const events = [
      { type: 'response.created', response: { output: [] } },
      ...PIECES.map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
      { type: 'response.output_text.done', ...place, text: whole },
      { type: 'response.content_part.done', ...place, part: { type: 'output_text', text: whole } },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { output: [item] } },
    ].map((event, sequence_number) => ({ ...event, sequence_number }));
    const { written, text } = run('openai-responses', events, MASK);
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
