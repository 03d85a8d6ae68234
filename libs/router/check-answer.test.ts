import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '#contracts';
import { readAnswer } from './answer-text.ts';
import { askedFormat, checkAnswer } from './check-answer.ts';
import { isRefusal, mayBecomeRefusal } from './refusal.ts';

const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

/** The same answer in each format. */
const ANSWERS: Readonly<Partial<Record<ClientDialect, (text: string) => object>>> = {
  'openai-chat': (text) => ({ choices: [{ message: { content: text }, finish_reason: 'stop' }] }),
  'anthropic-messages': (text) => ({
    content: [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text },
    ],
    stop_reason: 'end_turn',
  }),
  'openai-responses': (text) => ({
    output: [{ type: 'reasoning' }, { type: 'message', content: [{ type: 'output_text', text }] }],
    status: 'completed',
  }),
  'gemini-generate': (text) => ({ candidates: [{ content: { parts: [{ text: 'hm', thought: true }, { text }] }, finishReason: 'STOP' }] }),
};

const check = (dialect: ClientDialect, answer: object, request: object = {}) => {
  const read = readAnswer(dialect, Buffer.from(JSON.stringify(answer)));
  return read && checkAnswer(read, askedFormat({ ...request }));
};

describe.each(Object.entries(ANSWERS))('%s', (name, answer) => {
  const dialect = name as ClientDialect;
  const asked = { response_format: { type: 'json_schema', json_schema: { schema: SCHEMA } } };

  test.each<[string, object, string | undefined]>([
    ['Paris.', {}, undefined],
    ['', {}, 'empty'],
    [' \n', {}, 'empty'],
    ['I cannot help with that.', {}, 'refusal'],
    ['{"n":1}', asked, undefined],
    ['{"n":"1"}', asked, 'schema'],
    ['{"n":1', asked, 'schema'],
  ])('%j, asked for with %j: %s', (text, request, fault) => expect(check(dialect, answer(text), request)).toBe(fault));
});

test.each<[ClientDialect, object]>([
  ['openai-chat', { choices: [{ message: { content: null, tool_calls: [{ id: 'x' }] }, finish_reason: 'tool_calls' }] }],
  ['openai-chat', { choices: [{ message: { content: '' }, finish_reason: 'length' }] }],
  ['anthropic-messages', { content: [{ type: 'tool_use', name: 'x' }], stop_reason: 'tool_use' }],
  ['openai-responses', { output: [{ type: 'function_call' }] }],
  ['gemini-generate', { candidates: [{ content: { parts: [{ functionCall: {} }] } }] }],
  ['openai-embeddings', { data: [] }],
])('%s: what calls a tool, was cut by the client’s limit or is no conversation is let through', (dialect, answer) => {
  expect(check(dialect, answer)).toBeUndefined();
});

test.each([
  ['openai-chat', { choices: [{ message: { content: null, refusal: 'no' } }] }],
  ['anthropic-messages', { content: [], stop_reason: 'refusal' }],
] as const)('%s: the model’s own word for a refusal counts', (dialect, answer) => expect(check(dialect, answer)).toBe('refusal'));

test.each<[object, unknown]>([
  [{}, undefined],
  [{ response_format: { type: 'text' } }, undefined],
  [{ response_format: { type: 'json_object' } }, 'any'],
  [{ text: { format: { type: 'json_schema', schema: SCHEMA } } }, { schema: SCHEMA }],
  [{ output_config: { format: { type: 'json_schema', schema: SCHEMA } } }, { schema: SCHEMA }],
  [{ generationConfig: { responseMimeType: 'application/json' } }, 'any'],
  [{ generationConfig: { responseJsonSchema: SCHEMA } }, { schema: SCHEMA }],
])('%j asks for %j', (fields, format) => expect(askedFormat({ ...fields })).toEqual(format));

test('a schema that can’t be compiled asks for any JSON', () => {
  const asked = { schema: { type: 'nothing of the kind' } };
  expect(checkAnswer({ text: '{}', hasOther: false, isCut: false, isRefusal: false }, asked)).toBeUndefined();
});

test.each([
  'I’m sorry, but I can’t assist with that request.',
  "I'm sorry, I cannot help with that.",
  'I can’t help with that.',
  'Sorry, I am unable to do this.',
  'Unfortunately, I cannot provide that.',
  'I am not able to answer this question.',
  'As an AI language model, I cannot have opinions.',
])('%s is a refusal', (text) => expect(isRefusal(text)).toBe(true));

test.each([
  'I can help with that.',
  'Sorry to hear that! Here is what you can do.',
  'I cannot overstate how good this is.',
  'The parser is unable to read the file because it is locked.',
  'Paris is the capital of France.',
  `I can’t help but admire it. ${'And so on. '.repeat(100)}`,
])('%s is none', (text) => expect(isRefusal(text)).toBe(false));

test('a beginning is held only while it may become a refusal', () => {
  expect(mayBecomeRefusal('I’m sorry')).toBe(true);
  expect(mayBecomeRefusal('I’m sorry, but here')).toBe(true);
  expect(mayBecomeRefusal('The capital of France')).toBe(false);
  expect(mayBecomeRefusal('I '.repeat(100))).toBe(false);
});
