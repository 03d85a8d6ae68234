import { hash } from 'node:crypto';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bus } from '#bus';
import { createQueueClient, type JobResult, ownerOfKey } from '#client';
import { submissionJobId } from '#contracts';
import { awaitBatch, inputLine, readOutput, uploadInput } from '../integration/support/batches.ts';
import { awaitRows, createKey } from '../support/books.ts';
import { storedEntries, untilEntries } from '../support/cache-entries.ts';
import { chat } from '../support/chat-client.ts';
import { answerWhole, refuse } from '../support/openai-answers.ts';
import { connectTo } from '../support/queue-client.ts';
import { useTwoIngresses } from '../support/two-ingresses.ts';

/** Answers that are given again to jobs without a connection; two ingresses take them in before one provider. */
const INGRESSES = 2;
const { first, pair } = useTwoIngresses({
  whole: true,
  model: 'm',
  settings: 'litellm_settings: { cache: true }',
});
let bus: Bus;

beforeAll(async () => {
  bus = await connectTo(pair.headrace);
});
afterAll(() => bus?.close());

const asking = (content: string, more: object = {}) => ({ model: 'm', messages: [{ role: 'user', content }], ...more });
const markOf = (result: JobResult): unknown => result.head?.headers['x-headrace-cache'];
const textOf = (result: JobResult): string => JSON.parse(Buffer.from(result.body).toString()).choices[0].message.content;

function answerInOrder(): void {
  let calls = 0;
  pair.answering = (_body, response) => answerWhole(response, `answer ${(calls += 1)}`);
}

async function submit(key: string, group: string, bodies: readonly object[]): Promise<JobResult[]> {
  const client = await createQueueClient({ owner: ownerOfKey(key), connection: { bus } });
  for (const [at, body] of bodies.entries()) await client.submit({ group, id: String(at), body });
  const results: JobResult[] = [];
  for await (const result of client.results({ group, signal: AbortSignal.timeout(30_000) })) {
    results.push(result);
    if (results.length === bodies.length) break;
  }
  return results;
}

describe('a submission', () => {
  test('is answered with what another one was answered, at no cost and with a row that says what it saved', async () => {
    answerInOrder();
    const before = await storedEntries(pair.headrace);
    const [made] = await submit(first.key, 'made', [asking('once')]);
    await untilEntries(pair.headrace, before + 1);
    const all = await submit(first.key, 'again', Array(6).fill(asking('once')));
    expect(made && textOf(made)).toBe('answer 1');
    // whichever ingress takes them in
    expect(all.map(textOf)).toEqual(Array(6).fill('answer 1'));
    expect(all.map(markOf)).toEqual(Array(6).fill('hit'));
    expect(pair.asked).toEqual(['once']);
    const job = submissionJobId(ownerOfKey(first.key), 'again', '0', (text) => hash('sha256', text));
    const [row] = await awaitRows(pair.headrace, job, 1);
    expect(row).toMatchObject({ spend: 0, prompt_tokens: 0, cache_hit: 'True' });
    expect(row?.headrace['cache']).toMatchObject({ saved_usd: '0.000013' });
  }, 60_000);

  test('shares its answer with requests over HTTP', async () => {
    answerInOrder();
    const before = await storedEntries(pair.headrace);
    await submit(first.key, 'shared', [asking('both')]);
    await untilEntries(pair.headrace, before + 1);
    expect((await chat(first, asking('both'))).headers['x-headrace-cache']).toBe('hit');
    expect(pair.asked).toEqual(['both']);
  }, 60_000);

  test('of another key is another', async () => {
    answerInOrder();
    await submit(first.key, 'mine', [asking('secret')]);
    const [other] = await submit(await createKey(pair.headrace), 'theirs', [asking('secret')]);
    expect(other && [textOf(other), markOf(other)]).toEqual(['answer 2', undefined]);
  }, 60_000);

  test('that says so has a new answer, and an error is not kept', async () => {
    let calls = 0;
    pair.answering = (_body, response) => ((calls += 1) === 1 ? refuse(response, 400) : answerWhole(response, `answer ${calls}`));
    const [failed] = await submit(first.key, 'failed', [asking('new')]);
    const [made] = await submit(first.key, 'made-new', [asking('new')]);
    const [fresh] = await submit(first.key, 'fresh', [asking('new', { cache: { 'no-cache': true } })]);
    expect(failed?.head?.status ?? failed?.state).not.toBe(200);
    expect([made, fresh].map((result) => result && textOf(result))).toEqual(['answer 2', 'answer 3']);
  }, 60_000);
});

test('a batch of twenty lines that ask the same is one call for each ingress at most', async () => {
  answerInOrder();
  const client = new OpenAI({ baseURL: `${first.url}/v1`, apiKey: first.key });
  const same = { messages: [{ role: 'user', content: 'line' }] };
  const input = await uploadInput(
    client,
    Array.from({ length: 20 }, (_, at) => inputLine(`r-${at}`, same)),
  );
  const { id } = await client.batches.create({ input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' });
  const batch = await awaitBatch(client, id, 60_000);
  expect(batch.request_counts).toEqual({ total: 20, completed: 20, failed: 0 });
  expect((await readOutput(client, batch.output_file_id)).length).toBe(20);
  expect(pair.asked.length).toBeLessThanOrEqual(INGRESSES);
}, 90_000);
