import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { startStandInIntake } from '../support/stand-in-intake.ts';
import { awaitBatch, type BatchesUnderTest, inputLine, readOutput, startBatches, uploadInput } from './support/batches.ts';

const KEY = 'sk-one';
let service: BatchesUnderTest;
let client: OpenAI;

/** Nobody takes submissions here unless a test says so. */
beforeAll(async () => {
  service = await startBatches([KEY]);
  client = service.openai(KEY);
}, 60_000);

afterAll(async () => service?.remove());

const create = async (count: number, window: string) => {
  const input = await uploadInput(
    client,
    Array.from({ length: count }, (_, at) => inputLine(`line ${at}`)),
  );
  return client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: window as '24h' });
};

test('requests that were not run within the window of their batch have expired', async () => {
  const { id } = await create(5, '1s');
  const batch = await awaitBatch(client, id);
  expect(batch).toMatchObject({ status: 'expired', request_counts: { total: 5, completed: 0, failed: 5 } });
  const errors = await readOutput(client, batch.error_file_id);
  expect(errors.map(({ response, error }) => [response, error.code])).toEqual(Array(5).fill([null, 'batch_expired']));
});

test('a cancelled batch keeps what it has, and what waits in the queue is not run', async () => {
  const { id } = await create(3_000, '24h');
  await waitFor(async () => (await client.batches.retrieve(id)).status === 'in_progress', { what: 'a batch that runs' });
  const intake = await startStandInIntake(service.bus, () => ({ text: '{}' }));
  await waitFor(async () => ((await client.batches.retrieve(id)).request_counts?.completed ?? 0) > 10, { what: 'some results' });
  await intake.close();
  const cancelling = await client.batches.cancel(id);
  expect(cancelling.status).toMatch(/cancelling|completed/);
  const batch = await awaitBatch(client, id, 60_000);
  expect(batch.status).toBe('cancelled');
  const { completed = 0, failed = 0 } = batch.request_counts ?? {};
  expect(completed + failed).toBe(3_000);
  expect((await readOutput(client, batch.output_file_id)).length).toBe(completed);
  const errors = await readOutput(client, batch.error_file_id);
  expect(errors.at(-1)).toMatchObject({ response: null, error: { code: 'batch_cancelled' } });
  await expect(client.batches.cancel(id)).resolves.toMatchObject({ status: 'cancelled' });
});
