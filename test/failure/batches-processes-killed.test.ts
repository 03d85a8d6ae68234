import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, type ServiceName, startHeadrace, waitFor } from '#testing';
import { awaitBatch, inputLine, readOutput, uploadInput } from '../integration/support/batches.ts';
import { allRows, createKey } from '../support/books.ts';

const LINES = 5_000;
const KILLED: readonly ServiceName[] = ['batches', 'worker', 'ingress', 'accounting', 'admin', 'nats-server', 'postgres'];
let headrace: RunningHeadrace;
let client: OpenAI;

beforeAll(async () => {
  headrace = await startHeadrace();
  client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: await createKey(headrace), maxRetries: 10 });
}, 60_000);

afterAll(async () => {
  await headrace?.stop();
});

/** While what it stands on is started again, a question about it fails. */
const completedOf = async (id: string): Promise<number> => {
  const batch = await client.batches.retrieve(id).catch(() => undefined);
  return batch?.request_counts?.completed ?? 0;
};

test('a batch has every result once and the ledger every call, though each kind of process is killed once on the way', async () => {
  const input = await uploadInput(
    client,
    Array.from({ length: LINES }, (_, at) => inputLine(`r-${at}`, { model: 'sandbox/echo' })),
  );
  const { id } = await client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  for (const [at, service] of KILLED.entries()) {
    const share = (LINES * (at + 1)) / (KILLED.length + 2);
    await waitFor(async () => (await completedOf(id)) >= share, {
      what: `${share} results before ${service} is killed`,
      timeoutMs: 120_000,
    });
    await headrace.kill(service);
  }
  const batch = await waitFor(() => awaitBatch(client, id, 120_000).catch(() => undefined), {
    what: 'the end of the batch',
    timeoutMs: 150_000,
  });
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: LINES, completed: LINES, failed: 0 } });
  const output = await readOutput(client, batch.output_file_id);
  expect(output.map(({ custom_id: name }) => name)).toEqual(Array.from({ length: LINES }, (_, at) => `r-${at}`));
  // a call whose worker was killed is booked as lost and made again: each request has one that succeeded, each attempt one row
  const answered = new Set<string>(output.map(({ response }) => response.request_id));
  expect(answered.size).toBe(LINES);
  const rows = await waitFor(
    async () => {
      const all = await allRows(headrace);
      const succeeded = new Set(all.filter(({ status }) => status === 'success').map(({ request_id: job }) => job));
      return [...answered].every((job) => succeeded.has(job)) && all;
    },
    { what: 'the ledger to have all calls', timeoutMs: 60_000, intervalMs: 500 },
  );
  const attempts = rows.map(({ request_id: job, headrace: { attempt, delivery } }) => `${job} ${attempt} ${delivery}`);
  expect(new Set(attempts).size).toBe(attempts.length);
}, 400_000);
