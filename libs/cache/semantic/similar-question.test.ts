import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '#contracts';
import { similarQuestion } from './similar-question.ts';

const ask = (dialect: ClientDialect, fields: object) =>
  similarQuestion({ dialect, fields: { ...fields }, model: 'm', group: 'g' }, { maxTemperature: 0.5 });

const user = (content: unknown) => ({ role: 'user', content });
const said = { role: 'assistant', content: 'Yes?' };
/** One question in each format, behind the same turns. */
const ASKING: readonly (readonly [ClientDialect, (text: string, earlier?: boolean) => object, text: (text: string) => object])[] = [
  [
    'openai-chat',
    (text, earlier) => ({ messages: [...(earlier === true ? [user('Hi'), said] : []), user(text)] }),
    (text) => ({ messages: [user([{ type: 'text', text }])] }),
  ],
  [
    'anthropic-messages',
    (text, earlier) => ({ max_tokens: 5, messages: [...(earlier === true ? [user('Hi'), said] : []), user(text)] }),
    (text) => ({ max_tokens: 5, messages: [user([{ type: 'text', text }])] }),
  ],
  [
    'openai-responses',
    (text, earlier) => (earlier === true ? { input: [user('Hi'), said, user(text)] } : { input: text }),
    (text) => ({ input: [{ type: 'message', ...user([{ type: 'input_text', text }]) }] }),
  ],
  [
    'gemini-generate',
    (text, earlier) => ({
      contents: [
        ...(earlier === true
          ? [
              { role: 'user', parts: [{ text: 'Hi' }] },
              { role: 'model', parts: [{ text: 'Yes?' }] },
            ]
          : []),
        { parts: [{ text }] },
      ],
    }),
    (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
  ],
];

describe.each(ASKING)('in the format %s', (dialect, asking, wrapped) => {
  test('a request is known by its last text, among those that are the same but for it', () => {
    const [one, other, list, later] = [asking('Where?'), asking('When?'), wrapped('Where?'), asking('Where?', true)].map((fields) =>
      ask(dialect, fields),
    );
    expect(one?.text).toBe('Where?');
    expect(other).toEqual({ text: 'When?', context: one?.context });
    expect(list).toEqual(one);
    expect(later?.text).toBe('Where?');
    expect(later?.context).not.toBe(one?.context);
    expect(ask(dialect, { ...asking('Where?'), seed: 4 })?.context).not.toBe(one?.context);
  });

  test('a long or an empty text is compared with nothing', () => {
    expect(ask(dialect, asking(' '))).toBeUndefined();
    expect(ask(dialect, asking('x'.repeat(1_001)))).toBeUndefined();
  });

  test.each([{ tools: [{}] }, { temperature: 0.6 }])('nor is a request with %j', (more) => {
    expect(ask(dialect, { ...asking('Where?'), ...more })).toBeUndefined();
  });
});

test.each<[ClientDialect, object]>([
  ['openai-embeddings', { input: 'Where?' }],
  ['openai-chat', { messages: [user('Where?'), said] }],
  ['openai-chat', { messages: [user('Where?')], response_format: { type: 'json_object' } }],
  [
    'openai-chat',
    {
      messages: [
        user([
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ]),
      ],
    },
  ],
  ['openai-chat', { messages: [user([{ type: 'image_url', image_url: { url: 'x' } }])] }],
  ['anthropic-messages', { messages: [user('Where?')], output_config: { format: { type: 'json_schema', schema: {} } } }],
  ['openai-responses', { input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] }],
  ['openai-responses', { input: [user([{ type: 'input_image', image_url: 'x' }])] }],
  ['openai-responses', { input: 'Where?', text: { format: { type: 'json_schema', name: 'n', schema: {} } } }],
  ['openai-responses', { input: 'Where?', conversation: 'conv_1' }],
  ['openai-responses', { previous_response_id: 'resp_1' }],
  ['gemini-generate', { contents: [{ role: 'model', parts: [{ text: 'Where?' }] }] }],
  ['gemini-generate', { contents: [{ parts: [{ inlineData: {} }] }] }],
  ['gemini-generate', { contents: [{ parts: [{ text: 'Where?', thought: true }] }] }],
  ['gemini-generate', { contents: [{ parts: [{ text: 'Where?' }] }], generationConfig: { temperature: 1 } }],
  ['gemini-generate', { contents: [{ parts: [{ text: 'Where?' }] }], generationConfig: { responseMimeType: 'application/json' } }],
  ['gemini-generate', { contents: [{ parts: [{ text: 'Where?' }] }], generation_config: { response_schema: {} } }],
])('%s: %j is compared with nothing', (dialect, fields) => {
  expect(ask(dialect, fields)).toBeUndefined();
});

test('a format that is none and an empty list of tools ask for nothing more', () => {
  expect(ask('openai-responses', { input: 'Where?', text: { format: { type: 'text' } }, tools: [], temperature: 0 })?.text).toBe('Where?');
});
