import { expect, it } from 'vitest';
import { openFor, streamFrom } from '../test-exchange.ts';

/** Databricks, whose reasoning models answer with lists; an Anthropic client, so that the answer is translated and not relayed. */
const REASONING = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] };
const open = (stream: boolean) => openFor('openai-chat', { max_tokens: 9 }, { clientDialect: 'anthropic-messages', stream });

it('reads an answer whose content is a list of reasoning and text', () => {
  const message = { role: 'assistant', content: [REASONING, { type: 'text', text: 'A' }] };
  const answer = { id: 'x', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] };
  const { body } = open(false).decodeAnswer(Buffer.from(JSON.stringify(answer)));
  expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({
    content: [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'A' },
    ],
  });
});

it('reads chunks whose content is a list of reasoning or text', () => {
  const chunk = (content: unknown, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: 'x', model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
  const { text, error } = streamFrom(open(true), [
    chunk([REASONING]),
    chunk([{ type: 'text', text: 'A' }]),
    chunk('B', 'stop'),
    'data: [DONE]\n\n',
  ]);
  expect(error).toBeUndefined();
  for (const piece of ['"thinking":"hm"', '"text":"A"', '"text":"B"', '"stop_reason":"end_turn"']) expect(text).toContain(piece);
});
