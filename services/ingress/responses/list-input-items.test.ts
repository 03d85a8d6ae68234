import { expect, test } from 'vitest';
import type { StoredResponse } from '#contracts';
import { listInputItems } from './list-input-items.ts';

const stored: StoredResponse = {
  v: 1,
  id: 'resp_1',
  model: 'm',
  input: [
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'two' },
    { type: 'function_call', id: 'fc_1', call_id: 'c' },
  ],
  response: {},
};

test('items are listed newest first, with ids and content in parts', () => {
  expect(listInputItems(stored, {})).toEqual({
    object: 'list',
    data: [
      { type: 'function_call', id: 'fc_1', call_id: 'c' },
      { type: 'message', id: 'resp_1_in1', role: 'assistant', content: [{ type: 'output_text', text: 'two', annotations: [] }] },
      { type: 'message', id: 'resp_1_in0', role: 'user', content: [{ type: 'input_text', text: 'one' }] },
    ],
    first_id: 'fc_1',
    last_id: 'resp_1_in0',
    has_more: false,
  });
});

test('pages follow each other', () => {
  const first = listInputItems(stored, { order: 'asc', limit: '2' });
  expect(first).toMatchObject({ last_id: 'resp_1_in1', has_more: true });
  expect(listInputItems(stored, { order: 'asc', limit: '2', after: 'resp_1_in1' })).toMatchObject({
    data: [{ id: 'fc_1' }],
    has_more: false,
  });
});

test.each([
  [{ limit: '0' }, 'limit'],
  [{ limit: 'x' }, 'limit'],
  [{ order: 'up' }, 'order'],
  [{ after: 'nobody' }, 'after'],
])('%j is refused by name', (query, param) => {
  expect(() => listInputItems(stored, query)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
});
