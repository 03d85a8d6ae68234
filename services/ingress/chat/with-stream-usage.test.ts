import { expect, test } from 'vitest';
import { readRequest } from './read-request.ts';
import { withStreamUsage } from './with-stream-usage.ts';

const ask = (fields: object, dialect: 'openai-chat' | 'openai-completions' | 'openai-responses' = 'openai-chat') => {
  const asked = { model: 'm', messages: [{ role: 'user', content: 'x' }], prompt: 'x', input: 'x', ...fields };
  return readRequest(Buffer.from(JSON.stringify(asked)), dialect);
};

test.each<[object, object]>([
  [{}, { include_usage: true }],
  [{ stream_options: null }, { include_usage: true }],
  [{ stream_options: { x: 1 } }, { x: 1, include_usage: true }],
])('a stream with %j is asked for with %j', (fields, options) => {
  for (const dialect of ['openai-chat', 'openai-completions'] as const) {
    const call = withStreamUsage(ask({ stream: true, ...fields }, dialect));
    expect(call.fields['stream_options']).toEqual(options);
    expect(JSON.parse(call.body.toString())).toMatchObject({ model: 'm', stream: true, stream_options: options });
  }
});

test.each([
  ['a client that says what it wants', ask({ stream: true, stream_options: { include_usage: false } })],
  ['no stream', ask({})],
  ['a format that has its usage anyway', ask({ stream: true }, 'openai-responses')],
])('%s: nothing is changed', (_what, call) => {
  expect(withStreamUsage(call)).toBe(call);
});
