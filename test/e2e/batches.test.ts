import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitBatch, inputLine, readOutput, uploadInput } from '../integration/support/batches.ts';
import { createKey, readBooks } from '../support/books.ts';

let headrace: RunningHeadrace;
let key: string;

beforeAll(async () => {
  headrace = await startHeadrace({ whole: true });
  key = await createKey(headrace);
}, 60_000);

afterAll(async () => {
  await headrace?.stop();
});

test('the OpenAI SDK uploads a file, runs a batch of it and reads its output, at any provider', async () => {
  const client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: key });
  const lines = Array.from({ length: 100 }, (_, at) => inputLine(`r-${at}`, { model: at === 50 ? 'no-such-model' : 'sandbox/echo' }));
  const input = await uploadInput(client, lines);
  const { id } = await client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  const batch = await awaitBatch(client, id, 60_000);
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 100, completed: 99, failed: 1 } });
  const output = await readOutput(client, batch.output_file_id);
  expect(output.length).toBe(99);
  expect(output[0].response.body).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
  const [error] = await readOutput(client, batch.error_file_id);
  expect(error).toMatchObject({ custom_id: 'r-50', response: { status_code: 404, body: { error: { code: 'model_not_found' } } } });
  await waitFor(async () => (await readBooks(headrace)).attempts === 99, { what: '99 attempts in the ledger' });
});

test('Anthropic’s SDK runs a message batch, at any provider', async () => {
  const client = new Anthropic({ baseURL: headrace.url, apiKey: key });
  const params = { model: 'sandbox/echo', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hello' }] };
  const requests = Array.from({ length: 20 }, (_, at) => ({ custom_id: `r-${at}`, params }));
  const { id } = await client.messages.batches.create({ requests });
  await waitFor(async () => (await client.messages.batches.retrieve(id)).processing_status === 'ended', {
    what: 'the end',
    timeoutMs: 60_000,
  });
  const results: string[] = [];
  for await (const { result } of await client.messages.batches.results(id)) {
    results.push(result.type);
    if (result.type === 'succeeded') expect(result.message).toMatchObject({ type: 'message', role: 'assistant' });
  }
  expect(results).toEqual(Array(20).fill('succeeded'));
});

test('while the batches service is away its routes say so, in the words of their API', async () => {
  await headrace.kill('batches');
  const answer = await waitFor(
    async () => {
      const one = await fetch(`${headrace.url}/v1/messages/batches`, { headers: { 'x-api-key': key } });
      return one.status === 503 ? one.json() : one.status === 200;
    },
    { what: 'an answer' },
  );
  if (answer !== true) expect(answer).toMatchObject({ type: 'error', error: { message: expect.stringContaining('batches') } });
  await waitFor(async () => (await fetch(`${headrace.url}/v1/batches`, { headers: { authorization: `Bearer ${key}` } })).ok, {
    what: 'the batches service again',
  });
});
