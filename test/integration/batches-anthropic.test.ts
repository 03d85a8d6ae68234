import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { type StandInIntake, startStandInIntake } from '../support/stand-in-intake.ts';
import { type BatchesUnderTest, startBatches } from './support/batches.ts';

const KEY = 'sk-one';
const OTHER = 'sk-other';
let service: BatchesUnderTest;
let intake: StandInIntake;
let client: Anthropic;

beforeAll(async () => {
  service = await startBatches([KEY, OTHER]);
  intake = await startStandInIntake(service.bus, ({ body }) => {
    const { content } = JSON.parse(body).messages[0];
    if (content === 'refused') return { state: 'failed', text: '', error: { code: 'model_not_found', message: 'There is no model m.' } };
    return { text: JSON.stringify({ type: 'message', content: [{ type: 'text', text: content }] }) };
  });
  client = service.anthropic(KEY);
}, 60_000);

afterAll(async () => {
  await intake?.close();
  await service?.remove();
});

const params = (content: string) => ({ model: 'm', max_tokens: 10, messages: [{ role: 'user' as const, content }] });

function awaitEnd(id: string) {
  return waitFor(
    async () => {
      const batch = await client.messages.batches.retrieve(id);
      return batch.processing_status === 'ended' && batch;
    },
    { what: 'the end of a message batch', timeoutMs: 30_000 },
  );
}

test('a message batch runs, and the SDK reads its results', async () => {
  const names = Array.from({ length: 300 }, (_, at) => (at === 3 ? 'refused' : `say ${'é"\\[{'.repeat(at)}`));
  const requests = names.map((name, at) => ({ custom_id: `r-${at}`, params: params(name) }));
  const created = await client.messages.batches.create({ requests });
  expect(created).toMatchObject({ type: 'message_batch', processing_status: 'in_progress', results_url: null });
  const batch = await awaitEnd(created.id);
  expect(batch.request_counts).toEqual({ processing: 0, succeeded: 299, errored: 1, canceled: 0, expired: 0 });
  expect(batch.results_url).toBe(`${service.url}/v1/messages/batches/${batch.id}/results`);
  const results = new Map<string, Anthropic.Messages.MessageBatchResult>();
  for await (const { custom_id: id, result } of await client.messages.batches.results(batch.id)) results.set(id, result);
  expect(results.size).toBe(300);
  expect(results.get('r-7')).toEqual({ type: 'succeeded', message: { type: 'message', content: [{ type: 'text', text: names[7] }] } });
  expect(results.get('r-3')).toMatchObject({
    type: 'errored',
    error: { type: 'error', error: { type: 'not_found_error', message: 'There is no model m.' } },
  });
  const listed: string[] = [];
  for await (const one of client.messages.batches.list({ limit: 1 })) listed.push(one.id);
  expect(listed).toContain(batch.id);
  await expect(service.anthropic(OTHER).messages.batches.retrieve(batch.id)).rejects.toMatchObject({ status: 404 });
  await expect(service.anthropic(OTHER).messages.batches.results(batch.id)).rejects.toMatchObject({ status: 404 });
  expect(await client.messages.batches.delete(batch.id)).toEqual({ id: batch.id, type: 'message_batch_deleted' });
  await expect(client.messages.batches.retrieve(batch.id)).rejects.toMatchObject({ status: 404 });
});

test.each([
  ['{"requests": []}', 'requests'],
  ['{"requests": [1]}', 'requests'],
  ['{"other": []}', 'requests'],
  ['{"requests": [{"custom_id": "a", "params": {}}', 'JSON'],
  ['{"requests": [{"custom_id": "a b", "params": {}}]}', 'requests.0'],
  ['{"requests": [{"custom_id": "a", "params": {}}, {"custom_id": "a", "params": {}}]}', 'requests.1.custom_id'],
  ['{"requests": [{"custom_id": "a", "params": {"stream": true}}]}', 'requests.0.params.stream'],
])('%s is refused with the place at fault', async (body, place) => {
  const answer = await fetch(`${service.url}/v1/messages/batches`, { method: 'POST', body, headers: { 'x-api-key': KEY } });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    type: 'error',
    error: { type: 'invalid_request_error', message: expect.stringContaining(place) },
  });
});
