import type http from 'node:http';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { awaitRows, createKey, get } from '../support/books.ts';
import { chat, type ChatAnswer, readStream, startChat } from '../support/chat-client.ts';
import { answerWhole, holdCalls, refuse, writeChunk } from '../support/openai-answers.ts';
import { startReplica } from '../support/replica.ts';
import { useTwoIngresses } from '../support/two-ingresses.ts';

/**
 * One effect for any number of tries: requests with one idempotency key are answered by one call to the provider, whichever ingress
 * they come to, whether it is over, under way, or its client has left.
 */
const { first, pair, second } = useTwoIngresses({ model: 'once', settings: 'headrace: { idempotency: { max_answer_mb: 0.2 } }' });

let used = 0;
const newKey = (): string => `key-${(used += 1)}`;
const question = (content: string, more: object = {}) => ({ model: 'once', messages: [{ role: 'user', content }], ...more });

function errorOf(answer: ChatAnswer): { code: string; param: string | null; message: string } {
  return (JSON.parse(answer.text) as { error: { code: string; param: string | null; message: string } }).error;
}

async function expectOneRow(answer: ChatAnswer): Promise<void> {
  await awaitRows(pair.headrace, answer.headers['x-headrace-job-id'], 1);
}

describe('an answer that is over', () => {
  test('is given again byte for byte, at any ingress, without a call and without a row', async () => {
    pair.answering = (body, response) => answerWhole(response, `to ${body.messages[0]?.content}`);
    const headers = { 'idempotency-key': newKey() };
    const original = await chat(first, question('a'), headers);
    expect(original.status).toBe(200);
    expect(original.headers['x-headrace-idempotent-replay']).toBeUndefined();
    for (const target of [first, second, first]) {
      const again = await chat(target, question('a'), headers);
      expect(again).toMatchObject({ status: 200, text: original.text, clean: true });
      expect(again.headers['x-headrace-idempotent-replay']).toBe('true');
      expect(again.headers['x-headrace-job-id']).toBe(original.headers['x-headrace-job-id']);
    }
    expect(pair.asked).toEqual(['a']);
    await expectOneRow(original);
  });

  test('is another key’s business: with the same idempotency key a call of its own', async () => {
    pair.answering = (_body, response) => answerWhole(response, `answer ${pair.asked.length}`);
    const headers = { 'x-idempotency-key': newKey() };
    const other = { ...first, key: await createKey(pair.headrace) };
    const answers = [await chat(first, question('a'), headers), await chat(other, question('a'), headers)];
    expect(pair.asked).toHaveLength(2);
    expect(answers[0]?.text).not.toBe(answers[1]?.text);
    expect(answers[1]?.headers['x-headrace-idempotent-replay']).toBeUndefined();
  });

  test('is not given for another body: 409 names the header and says that it is not to be sent again', async () => {
    pair.answering = (_body, response) => answerWhole(response, 'x');
    const headers = { 'idempotency-key': newKey() };
    await chat(first, question('a'), headers);
    for (const target of [first, second]) {
      const refused = await chat(target, question('b'), headers);
      expect(refused.status).toBe(409);
      expect(errorOf(refused)).toMatchObject({ code: 'conflict', param: 'idempotency-key' });
      expect(refused.headers['x-should-retry']).toBe('false');
    }
    expect(pair.asked).toEqual(['a']);
  });

  test('survives a kill -9 of the ingress that gave it', async () => {
    pair.answering = (_body, response) => answerWhole(response, 'kept');
    const headers = { 'idempotency-key': newKey() };
    const original = await chat(first, question('a'), headers);
    await pair.headrace.kill('ingress');
    const again = await waitFor(() => chat(first, question('a'), headers).catch(() => undefined), {
      what: 'the ingress to be back',
      timeoutMs: 15_000,
    });
    expect(again).toMatchObject({ status: 200, text: original.text });
    expect(pair.asked).toEqual(['a']);
  });

  test('as a stream comes as the same stream', async () => {
    pair.answering = (_body, response) => {
      for (const word of ['one ', 'two ', 'three']) writeChunk(response, { content: word });
      writeChunk(response, {}, 'stop');
      response.end('data: [DONE]\n\n');
    };
    const headers = { 'idempotency-key': newKey() };
    const original = await chat(first, question('a', { stream: true }), headers);
    expect(readStream(original.text)).toMatchObject({ text: 'one two three', done: true });
    for (const target of [first, second]) {
      const again = await chat(target, question('a', { stream: true }), headers);
      expect(again).toMatchObject({ status: 200, text: original.text });
      expect(again.headers['content-type']).toContain('text/event-stream');
    }
    expect(pair.asked).toHaveLength(1);
  });

  test('above the limit was given once; a retry is refused and not run again', async () => {
    pair.answering = (_body, response) => answerWhole(response, 'x'.repeat(400_000));
    const headers = { 'idempotency-key': newKey() };
    const original = await chat(first, question('a'), headers);
    expect(original.text.length).toBeGreaterThan(400_000);
    for (const target of [first, second]) {
      const again = await chat(target, question('a'), headers);
      expect(again.status).toBe(409);
      expect(errorOf(again).message).toContain('larger');
    }
    expect(pair.asked).toHaveLength(1);
  });
});

describe('an answer under way', () => {
  test('is waited for by all who ask, at both ingresses', async () => {
    const held = holdCalls();
    pair.answering = held.answer;
    const headers = { 'idempotency-key': newKey() };
    const calls = [first, second, first, second].map((target) => chat(target, question('a'), headers));
    await waitFor(() => held.started() > 0, { what: 'the call' });
    calls.push(chat(first, question('a'), headers), chat(second, question('a'), headers));
    held.go('all of you');
    const answers = await Promise.all(calls);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(answers.filter((answer) => answer.headers['x-headrace-idempotent-replay'] === undefined)).toHaveLength(1);
    expect(pair.asked).toEqual(['a']);
  });

  test('as a stream is followed from its start and then live, from the other ingress too', async () => {
    let stream: http.ServerResponse | undefined;
    pair.answering = (_body, response) => {
      stream = response;
      for (const word of ['one ', 'two ']) writeChunk(response, { content: word });
    };
    const headers = { 'idempotency-key': newKey() };
    const leader = startChat(first, question('a', { stream: true }), headers);
    await leader.head;
    const followers = [first, second].map((target) => startChat(target, question('a', { stream: true }), headers));
    for (const follower of followers) {
      const seen = await follower.head;
      // the first words are there while the stream goes on
      await waitFor(() => seen.socket.bytesRead > 400, { what: 'the words so far' });
    }
    if (stream === undefined) throw new Error('the provider was not called');
    for (let count = 0; count < 50; count += 1) writeChunk(stream, { content: `w${count} ` });
    writeChunk(stream, {}, 'stop');
    stream.end('data: [DONE]\n\n');
    const texts = await Promise.all([leader, ...followers].map(async (call) => (await call.answer).text));
    expect(new Set(texts).size).toBe(1);
    expect(readStream(texts[0] ?? '')).toMatchObject({ done: true, finishReason: 'stop' });
    expect(pair.asked).toHaveLength(1);
  });

  test('goes on when its client leaves, for the retry to pick up', async () => {
    const held = holdCalls();
    pair.answering = held.answer;
    const headers = { 'idempotency-key': newKey() };
    const left = startChat(first, question('a'), headers);
    await waitFor(() => held.started() === 1, { what: 'the call' });
    left.abort();
    // the ingress has been through its sockets twice: it knows
    for (let round = 0; round < 2; round += 1) await (await get(pair.headrace, '/health/liveliness')).text();
    const retry = chat(second, question('a'), headers);
    held.go('still here');
    const answer = await retry;
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('still here');
    expect(answer.headers['x-headrace-idempotent-replay']).toBe('true');
    expect(pair.asked).toEqual(['a']);
    expect(pair.provider.aborted).toBe(0);
    await expectOneRow(answer);
  });

  test('conflicts with another body already', async () => {
    const held = holdCalls();
    pair.answering = held.answer;
    const headers = { 'idempotency-key': newKey() };
    const running = chat(first, question('a'), headers);
    await waitFor(() => held.started() === 1, { what: 'the call' });
    expect((await chat(first, question('b'), headers)).status).toBe(409);
    expect((await chat(second, question('b'), headers)).status).toBe(409);
    held.go('x');
    expect((await running).status).toBe(200);
  });

  test('of an ingress that is killed is run again by the retry', async () => {
    const own = await startReplica(pair.headrace, 'ingress');
    const held = holdCalls();
    pair.answering = held.answer;
    const headers = { 'idempotency-key': newKey() };
    const cut = startChat({ ...first, url: own.url }, question('a'), headers);
    await waitFor(() => held.started() === 1, { what: 'the call' });
    const waiting = chat(second, question('a'), headers);
    await own.kill();
    await expect(cut.answer).rejects.toThrow('socket hang up');
    await waitFor(() => held.started() === 2, { what: 'the call of the retry', timeoutMs: 15_000 });
    held.go('second try');
    expect((await waiting).text).toContain('second try');
  });
});

describe('a failure', () => {
  test('that passes frees the key: the retry runs again', async () => {
    pair.answering = (_body, response) => (pair.asked.length === 1 ? refuse(response, 500) : answerWhole(response, 'better'));
    const headers = { 'idempotency-key': newKey() };
    expect((await chat(first, question('a'), headers)).status).toBe(502);
    const retry = await chat(second, question('a'), headers);
    expect(retry.status).toBe(200);
    expect(retry.headers['x-headrace-idempotent-replay']).toBeUndefined();
    expect(pair.asked).toHaveLength(2);
  });

  test('of the request itself is given again', async () => {
    pair.answering = (_body, response) => refuse(response, 400);
    const headers = { 'idempotency-key': newKey() };
    const original = await chat(first, question('a'), headers);
    const again = await chat(second, question('a'), headers);
    expect([original.status, again.status]).toEqual([400, 400]);
    expect(again.text).toBe(original.text);
    expect(again.headers['x-headrace-idempotent-replay']).toBe('true');
    expect(pair.asked).toHaveLength(1);
  });

  test.each(['', 'x'.repeat(256)])('of the key is a 400 that names the header: %j', async (key) => {
    const refused = await chat(first, question('a'), { 'idempotency-key': key });
    expect(refused.status).toBe(400);
    expect(errorOf(refused)).toMatchObject({ code: 'invalid_request', param: 'idempotency-key' });
    expect(pair.asked).toHaveLength(0);
  });

  test('before a call was made frees the key too', async () => {
    const headers = { 'idempotency-key': newKey() };
    const body = { ...question('a'), model: 'no-such' };
    expect((await chat(first, body, headers)).status).toBe(404);
    pair.answering = (_body, response) => answerWhole(response, 'x');
    expect((await chat(first, question('a'), headers)).status).toBe(200);
  });
});

test('OpenAI’s SDK sends one key with all its tries: a lost answer is fetched, not made again', async () => {
  const client = new OpenAI({ apiKey: first.key, baseURL: `${first.url}/v1`, maxRetries: 2 });
  // off by default; its subclasses for other hosts set it
  Object.assign(client, { idempotencyHeader: 'Idempotency-Key' });
  pair.answering = (_body, response) => (pair.asked.length === 1 ? refuse(response, 500) : answerWhole(response, 'second try'));
  const answer = await client.chat.completions.create(
    { model: 'once', messages: [{ role: 'user', content: 'sdk' }] },
    { idempotencyKey: newKey() },
  );
  expect(answer.choices[0]?.message.content).toBe('second try');
  expect(pair.asked).toHaveLength(2);
  const key = newKey();
  const ask = () =>
    client.chat.completions.create({ model: 'once', messages: [{ role: 'user', content: 'sdk' }] }, { idempotencyKey: key }).withResponse();
  const [one, two] = [await ask(), await ask()];
  expect(two.data).toEqual(one.data);
  expect(two.response.headers.get('x-headrace-idempotent-replay')).toBe('true');
  expect(pair.asked).toHaveLength(3);
});
