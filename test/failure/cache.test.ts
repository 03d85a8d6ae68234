import { describe, expect, test } from 'vitest';
import { awaitRows, createKey, createTeam } from '../support/books.ts';
import { untilEntries } from '../support/cache-entries.ts';
import { chat, type ChatAnswer, readStream } from '../support/chat-client.ts';
import { ask } from '../support/job-client.ts';
import { answerWhole, holdCalls, refuse, writeChunk } from '../support/openai-answers.ts';
import { useTwoIngresses } from '../support/two-ingresses.ts';
import { waitFor } from '#testing';

/** Answers that are given again, with two ingresses before one provider. */
const { first, pair, second } = useTwoIngresses({
  model: 'kept',
  settings: `
litellm_settings: { cache: true, cache_params: { type: redis, host: localhost, ttl: 600 } }
headrace: { cache: { scope: team } }`,
});

const asking = (content: string, more: object = {}) => ({ model: 'kept', messages: [{ role: 'user', content }], ...more });
const textOf = (answer: ChatAnswer): string =>
  (JSON.parse(answer.text) as { choices: { message: { content: string } }[] }).choices[0]?.message.content ?? '';
const markOf = ({ headers }: ChatAnswer): unknown => headers['x-headrace-cache'];

function answerInOrder(): void {
  let calls = 0;
  pair.answering = (_body, response) => answerWhole(response, `answer ${(calls += 1)}`);
}

describe('an answer that was kept', () => {
  test('is given again by the same ingress and by another one, whatever the order of keys, and the provider is asked once', async () => {
    answerInOrder();
    const made = await chat(first, asking('where', { temperature: 0, seed: 4 }));
    expect(markOf(made)).toBe('miss');
    const again = await chat(first, {
      seed: 4,
      temperature: 0,
      messages: [{ content: 'where', role: 'user' }],
      n: 1,
      user: 'x',
      model: 'kept',
    });
    await untilEntries(pair.headrace, 1);
    const other = await chat(second, asking('where', { temperature: 0, seed: 4 }));
    expect([again, other].map(markOf)).toEqual(['hit', 'hit']);
    expect([made, again, other].map(textOf)).toEqual(['answer 1', 'answer 1', 'answer 1']);
    expect(again.text).toBe(made.text);
    expect(again.headers['x-headrace-job-id']).not.toBe(made.headers['x-headrace-job-id']);
    expect(new Set([made, again, other].map(({ headers }) => headers['x-litellm-cache-key'])).size).toBe(1);
    expect(textOf(await chat(second, asking('where', { temperature: 0, seed: 5 })))).toBe('answer 2');
    expect(pair.asked).toHaveLength(2);
  });

  test('is a row of the ledger that costs nothing', async () => {
    answerInOrder();
    await chat(first, asking('row'));
    const hit = await chat(first, asking('row'));
    const [row] = await awaitRows(pair.headrace, hit.headers['x-headrace-job-id'], 1);
    expect(row).toMatchObject({
      spend: 0,
      prompt_tokens: 0,
      status: 'success',
      cache_hit: 'True',
      cache_key: hit.headers['x-headrace-cache-key'],
    });
    expect(hit.headers).toMatchObject({
      'x-headrace-cost-usd': '0',
      'x-litellm-response-cost': '0',
      'x-headrace-cache-saved-usd': '0.000013',
    });
    expect(row?.headrace['cache']).toMatchObject({ saved_usd: '0.000013' });
  });

  test('answers who wants a stream, and a stream who wants one document', async () => {
    answerInOrder();
    await chat(first, asking('whole'));
    const streamed = await chat(first, asking('whole', { stream: true, stream_options: { include_usage: true } }));
    expect(markOf(streamed)).toBe('hit');
    expect(streamed.headers['content-type']).toMatch('text/event-stream');
    expect(readStream(streamed.text)).toMatchObject({ text: 'answer 1', done: true, finishReason: 'stop' });
    expect(streamed.text).toContain('"total_tokens":8');
    pair.answering = (_body, response) => {
      writeChunk(response, { content: 'in ' });
      writeChunk(response, { content: 'pieces' }, 'stop');
      response.end('data: [DONE]\n\n');
    };
    const stream = await chat(first, asking('pieces', { stream: true }));
    const replay = await chat(first, asking('pieces', { stream: true }));
    expect(replay.text).toBe(stream.text);
    const whole = await chat(first, asking('pieces'));
    expect([markOf(replay), markOf(whole)]).toEqual(['hit', 'hit']);
    expect(textOf(whole)).toBe('in pieces');
    expect(pair.asked).toEqual(['whole', 'pieces']);
  });

  test('is its team’s alone', async () => {
    answerInOrder();
    const [one, two] = ['red', 'blue'];
    await createTeam(pair.headrace, one);
    await createTeam(pair.headrace, two);
    const keys = await Promise.all([one, one, two].map((team_id) => createKey(pair.headrace, { team_id })));
    const answers: ChatAnswer[] = [];
    for (const key of [...keys, first.key]) answers.push(await chat({ url: first.url, key }, asking('ours')));
    expect(answers.map(markOf)).toEqual(['miss', 'hit', 'miss', 'miss']);
  });

  test('is forgotten by every ingress when it is deleted, and all are when the cache is emptied', async () => {
    answerInOrder();
    const made = await chat(first, asking('gone'));
    await untilEntries(pair.headrace, 1);
    expect(markOf(await chat(second, asking('gone')))).toBe('hit');
    const master = { url: second.url, key: pair.headrace.masterKey };
    const keys = [made.headers['x-headrace-cache-key']];
    expect((await ask(second, '/cache/delete', { method: 'POST', body: JSON.stringify({ keys }) })).status).toBe(403);
    const deleted = await ask(master, '/cache/delete', { method: 'POST', body: JSON.stringify({ keys }) });
    expect(JSON.parse(deleted.text)).toEqual({ status: 'success', deleted: 1 });
    await waitFor(async () => markOf(await chat(first, asking('gone', { cache: { 'no-store': true } }))) === 'miss', { what: 'a miss' });
    await chat(second, asking('gone'));
    expect((await ask(master, '/cache/flushall', { method: 'POST', body: '{}' })).status).toBe(200);
    expect(markOf(await chat(second, asking('gone', { cache: { 'no-store': true } })))).toBe('miss');
    expect(JSON.parse((await ask(master, '/cache/ping')).text)).toMatchObject({ status: 'healthy' });
    expect((await ask(master, '/cache/delete', { method: 'POST', body: '{"keys":["x"]}' })).status).toBe(400);
  });
});

describe('what the request says of the cache', () => {
  test('is done: no-cache, no-store, ttl, s-maxage, namespace, caching', async () => {
    answerInOrder();
    await chat(first, asking('say'));
    expect(markOf(await chat(first, asking('say', { cache: { 'no-cache': true } })))).toBe('refresh');
    expect(textOf(await chat(first, asking('say')))).toBe('answer 2');
    expect(markOf(await chat(first, asking('say', { cache: { namespace: 'x' } })))).toBe('miss');
    expect(markOf(await chat(first, asking('say', { caching: false })))).toBeUndefined();
    await chat(first, asking('unkept', { cache: { 'no-store': true } }));
    expect(markOf(await chat(first, asking('unkept', { cache: { ttl: 0 } })))).toBe('miss');
    expect(markOf(await chat(first, asking('unkept')))).toBe('miss');
    await waitFor(async () => markOf(await chat(first, asking('unkept', { cache: { 's-maxage': 0, 'no-store': true } }))) === 'miss', {
      what: 'an answer too old',
    });
  });

  test('is refused by the name of the field where it can’t be done', async () => {
    const answer = await chat(first, asking('x', { cache: { 'no-cach': true } }));
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('cache.no-cach');
  });
});

describe('no answer is kept', () => {
  test('of a call that failed, of a stream that broke, and of text that was cut or withheld', async () => {
    pair.answering = (_body, response) => refuse(response, 500);
    expect((await chat(first, asking('bad'))).status).toBeGreaterThanOrEqual(500);
    pair.answering = (_body, response) => {
      writeChunk(response, { content: 'half' });
      response.destroy();
    };
    await chat(first, asking('bad', { stream: true }));
    for (const reason of ['length', 'content_filter']) {
      pair.answering = (_body, response) => {
        writeChunk(response, { content: 'half' }, reason);
        response.end('data: [DONE]\n\n');
      };
      await chat(first, asking('bad', { stream: true }));
    }
    answerInOrder();
    expect(markOf(await chat(first, asking('bad')))).toBe('miss');
  });
});

test('a key and its team may limit what their requests say of the cache', async () => {
  answerInOrder();
  await createTeam(pair.headrace, 'thrifty', { allowed_cache_controls: ['ttl', 'no-store'] });
  const key = await createKey(pair.headrace, { team_id: 'thrifty', allowed_cache_controls: ['ttl', 'no-cache'] });
  const saying = (cache: object) => chat({ ...first, key }, asking('limited', { cache }));
  expect((await saying({ ttl: 60 })).status).toBe(200);
  for (const refused of ['no-cache', 'no-store', 'namespace']) {
    const answer = await saying({ ttl: 60, [refused]: refused === 'namespace' ? 'x' : true });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text).error).toMatchObject({ code: 'route_access_denied', param: `cache.${refused}` });
  }
  // others are not limited by it
  expect((await chat(first, asking('limited', { cache: { 'no-cache': true } }))).status).toBe(200);
});

test('a thousand identical requests at once, at two ingresses, are one call', async () => {
  const held = holdCalls();
  pair.answering = held.answer;
  const calls = Array.from({ length: 1_000 }, (_, at) => chat(at % 2 === 0 ? first : second, asking('crowd')));
  await waitFor(() => held.started() === 1, { what: 'the one call' });
  pair.answering = (_body, response) => answerWhole(response, 'for one more');
  held.go('for all');
  const answers = await Promise.all(calls);
  expect(new Set(answers.map(textOf))).toEqual(new Set(['for all']));
  expect(pair.asked).toEqual(['crowd']);
  const marks = Map.groupBy(answers, markOf);
  expect(marks.get('miss')).toHaveLength(1);
}, 60_000);
