import { describe, expect, test } from 'vitest';
import { createModelIndex, type Deployment } from '#config';
import type { StoredResponse } from '#contracts';
import type { ClientCall } from '../chat/read-request.ts';
import { continueResponse } from './continue-response.ts';

const deployment = (id: string, modelGroup: string, key: string, provider = 'openai'): Deployment =>
  ({
    id,
    modelGroup,
    provider,
    upstreamModel: id,
    apiBase: undefined,
    apiKey: { literal: key },
    extraHeaders: {},
  }) as unknown as Deployment;

const models = createModelIndex({
  deployments: [
    deployment('d1', 'small', 'k1'),
    deployment('d2', 'small', 'k2'),
    deployment('d3', 'large', 'k1'),
    deployment('d4', 'other', 'k3'),
  ],
  router: { modelGroupAlias: {} },
} as unknown as Parameters<typeof createModelIndex>[0]);

const OUTPUT = [
  { type: 'reasoning', id: 'rs_a', summary: [] },
  { type: 'reasoning', id: 'rs_b', summary: [], encrypted_content: 'x' },
  { type: 'message', id: 'msg_a', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'One.' }] },
  { type: 'function_call', id: 'fc_a', status: 'completed', call_id: 'call_1', name: 'f', arguments: '{}' },
];
const stored = (id: string, keptBy?: StoredResponse['keptBy']): StoredResponse => {
  return { v: 1, id, model: 'small', keptBy, input: [{ role: 'user', content: 'first' }], response: { id, output: OUTPUT } };
};
const KEPT = { modelGroup: 'small', deploymentId: 'd1' };
const RECORDS = [stored('resp_ours'), stored('resp_theirs', KEPT), stored('resp_lost', { modelGroup: 'gone', deploymentId: 'gone' })];

function run(fields: object, model = 'small') {
  const all = { model, ...fields };
  const call: ClientCall = { dialect: 'openai-responses', body: Buffer.from(JSON.stringify(all)), fields: all, model, stream: false };
  const responses = {
    find: (_owner: string, id: string) => Promise.resolve(RECORDS.find((record) => record.id === id)),
    findByItem: (_owner: string, item: string) => Promise.resolve(item === 'msg_a' ? RECORDS[1] : undefined),
  };
  return continueResponse(call, model, 'k', { responses, models } as unknown as Parameters<typeof continueResponse>[3]);
}

const bodyOf = (call: ClientCall): unknown => JSON.parse(call.body.toString());
/** Without ids, which mean nothing elsewhere, and without reasoning that only its provider holds. */
const HISTORY = [
  { role: 'user', content: 'first' },
  { type: 'reasoning', id: 'rs_b', summary: [], encrypted_content: 'x' },
  { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'One.' }] },
  { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
];

describe('a request that goes on from a response', () => {
  test('of the gateway’s carries the whole conversation', async () => {
    const { call, input } = await run({ input: 'next', previous_response_id: 'resp_ours' });
    const items = [...HISTORY, { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'next' }] }];
    expect(bodyOf(call)).toEqual({ model: 'small', input: items, headrace_previous_response_id: 'resp_ours' });
    expect(input).toEqual(items);
    expect(call.deployments).toBeUndefined();
  });

  test('that a provider keeps goes to a deployment on the same account, as it is', async () => {
    const { call, input } = await run({ input: 'next', previous_response_id: 'resp_theirs' });
    expect([...(call.deployments ?? [])]).toEqual(['d1']);
    expect(bodyOf(call)).toMatchObject({ input: 'next', previous_response_id: 'resp_theirs' });
    expect(input).toHaveLength(HISTORY.length + 1);
    expect([...((await run({ previous_response_id: 'resp_theirs' }, 'large')).call.deployments ?? [])]).toEqual(['d3']);
  });

  test.each([
    ['for a model of another account', 'resp_theirs', 'other'],
    ['whose deployment is no longer configured', 'resp_lost', 'small'],
  ])('that a provider keeps %s carries the whole conversation', async (_name, id, model) => {
    const { call } = await run({ input: [{ role: 'user', content: 'next' }], previous_response_id: id }, model);
    expect(call.deployments).toBeUndefined();
    expect(bodyOf(call)).toMatchObject({ input: [...HISTORY, { role: 'user', content: 'next' }] });
  });

  test('that is not stored is refused as OpenAI does', async () => {
    await expect(run({ input: 'x', previous_response_id: 'resp_none' })).rejects.toMatchObject({
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
  });

  test('keeps the bytes of the client’s own items', async () => {
    const body = '{"input": [ {"role":"user","content":"x","n":12345678901234567890} ],"previous_response_id":"resp_ours","model":"small"}';
    const fields = JSON.parse(body) as Record<string, unknown>;
    const { call } = await continueResponse(
      { dialect: 'openai-responses', body: Buffer.from(body), fields, model: 'small', stream: false },
      'small',
      'k',
      { responses: { find: () => Promise.resolve(RECORDS[0]) }, models } as unknown as Parameters<typeof continueResponse>[3],
    );
    expect(call.body.toString()).toContain(' {"role":"user","content":"x","n":12345678901234567890} ]');
  });
});

describe('a reference to an item', () => {
  test('is the item itself for a provider that does not know it', async () => {
    const input = [
      { type: 'item_reference', id: 'msg_a' },
      { role: 'user', content: 'next' },
    ];
    const { call } = await run({ input }, 'other');
    expect(bodyOf(call)).toMatchObject({ input: [HISTORY[2], { role: 'user', content: 'next' }] });
    expect([...((await run({ input })).call.deployments ?? [])]).toEqual(['d1']);
  });

  test('beside a response of the gateway’s own keeps the request from a provider that holds only one of them', async () => {
    const { call } = await run({ input: [{ type: 'item_reference', id: 'msg_a' }], previous_response_id: 'resp_ours' });
    expect(call.deployments).toBeUndefined();
    expect(bodyOf(call)).toMatchObject({ input: [...HISTORY, HISTORY[2]] });
  });

  test('to nothing is refused with its place', async () => {
    const input = [
      { role: 'user', content: 'x' },
      { type: 'item_reference', id: 'msg_none' },
    ];
    await expect(run({ input })).rejects.toMatchObject({ code: 'invalid_request', param: 'input[1]' });
  });
});

test('a request that goes on from nothing is left as it is', async () => {
  const { call, input } = await run({ input: 'x' });
  expect(bodyOf(call)).toEqual({ model: 'small', input: 'x' });
  expect(input).toEqual([{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] }]);
});
