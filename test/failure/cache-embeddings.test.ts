import type http from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { allRows, awaitRows, createKey } from '../support/books.ts';
import { chat, type ChatAnswer } from '../support/chat-client.ts';
import { ask } from '../support/job-client.ts';
import { answerEmbedding, answerWhole, refuse } from '../support/openai-answers.ts';
import { useTwoIngresses } from '../support/two-ingresses.ts';

/** Similar requests by the gateway's own embedding models, with two ingresses and a provider that says what every text's vector is. */
const TIMEOUT_MS = 3_000;
const { first, pair, second } = useTwoIngresses({
  model: 'helpdesk',
  embeddingModel: 'embed',
  settings: `headrace: { cache: { semantic: { models: [helpdesk], embedding_model: embed, embedding_timeout_ms: ${TIMEOUT_MS} } } }`,
});

/** All of a subject point the same way, nearly. */
const WAYS = ['password', 'invoice', 'refund', 'address', 'parcel', 'holiday'];
function vectorOf(text: string): number[] {
  const vector = WAYS.map((word) => (text.includes(word) ? 1 : 0));
  return [...vector, text.length / 500];
}
const embed = (text: string, response: http.ServerResponse): void => answerEmbedding(response, vectorOf(text));
const asking = (content: string, more: object = {}) => ({ model: 'helpdesk', messages: [{ role: 'user', content }], ...more });
const markOf = ({ headers }: ChatAnswer): unknown => headers['x-headrace-cache'];
const textOf = ({ text }: ChatAnswer): string =>
  (JSON.parse(text) as { choices: { message: { content: string } }[] }).choices[0]?.message.content ?? '';

beforeEach(() => {
  pair.embedding = embed;
  let calls = 0;
  pair.answering = (_body, response) => answerWhole(response, `answer ${(calls += 1)}`);
});

describe('with an embedding model of the gateway', () => {
  test('a similar request is answered at both ingresses, and each text is one embedding', async () => {
    const made = await chat(first, asking('How do I reset my password?'));
    expect(markOf(made)).toBe('miss');
    const similar = await chat(first, asking('How can I reset my password?'));
    expect([markOf(similar), textOf(similar)]).toEqual(['hit', 'answer 1']);
    expect(Number(similar.headers['x-headrace-cache-similarity'])).toBeGreaterThan(0.99);
    expect(similar.headers['x-headrace-cache-embedding-cost-usd']).toBe('0.00000003');
    const question = asking('What is the way to reset my password?', { cache: { ttl: 0 } });
    const other = await waitFor(
      async () => {
        const answer = await chat(second, question);
        return markOf(answer) === 'hit' && answer;
      },
      { what: 'the other ingress to know the text' },
    );
    expect(textOf(other)).toBe('answer 1');
    expect(markOf(await chat(first, asking('How do I change my invoice?')))).toBe('miss');
    expect(pair.embedded).toHaveLength(4);
    expect(new Set(pair.embedded)).toEqual(
      new Set([
        'How can I reset my password?',
        'How do I change my invoice?',
        'How do I reset my password?',
        question.messages[0]?.content,
      ]),
    );
  });

  test('the embedding is a row of the caller’s own with its cost', async () => {
    const key = await createKey(pair.headrace, { metadata: {}, key_alias: 'payer' });
    const answer = await chat({ url: first.url, key }, asking('Where is my refund?', { user: 'ann' }));
    const [row] = await awaitRows(pair.headrace, answer.headers['x-headrace-job-id'], 1);
    const rows = await waitFor(
      async () => {
        const found = (await allRows(pair.headrace)).filter(({ api_key: owner }) => owner === row?.api_key);
        return found.length === 2 && found;
      },
      { what: 'both rows of the key' },
    );
    const embedding = rows.find(({ request_id: id }) => id !== row?.request_id);
    expect(embedding).toMatchObject({ status: 'success', model_group: 'embed', end_user: 'ann', prompt_tokens: 3, spend: 0.00000003 });
  });

  test('a key whose budget is used up has no embedding, and its request is refused as ever', async () => {
    const key = await createKey(pair.headrace, { max_budget: 0.000000001 });
    const answer = await chat({ url: first.url, key }, asking('Where is my parcel now?'));
    expect(answer.status).toBe(402);
    expect(pair.embedded).toEqual([]);
  });
});

describe.each<[path: string, (text: string) => object]>([
  ['/v1/responses', (input) => ({ model: 'helpdesk', input })],
  ['/v1/messages', (content) => ({ model: 'helpdesk', max_tokens: 50, messages: [{ role: 'user', content }] })],
  ['/v1beta/models/helpdesk:generateContent', (text) => ({ contents: [{ parts: [{ text }] }] })],
])('at %s', (path, body) => {
  test('a similar request is answered with the answer of the one before, in its own form', async () => {
    const send = (text: string) => ask(first, path, { method: 'POST', body: JSON.stringify(body(text)) });
    const made = await send('How do I track my parcel?');
    const similar = await send('How can I track my parcel?');
    expect([made, similar].map(({ headers }) => headers.get('x-headrace-cache'))).toEqual(['miss', 'hit']);
    expect(made.text).toContain('answer 1');
    expect(similar.text).toBe(made.text);
    expect(pair.asked).toHaveLength(1);
  });
});

describe('a request is answered all the same, by a call of its own', () => {
  test('when the embedding fails, or is none', async () => {
    const wrong: ((response: http.ServerResponse) => void)[] = [
      (response) => refuse(response, 400),
      (response) => void response.destroy(),
      (response) => answerEmbedding(response, []),
      (response) => answerEmbedding(response, [0, 0, 0]),
      (response) => answerEmbedding(response, ['x']),
    ];
    for (const [at, answer] of wrong.entries()) {
      pair.embedding = (_text, response) => answer(response);
      const made = await chat(first, asking(`What is my address ${at}?`));
      expect([made.status, markOf(made)]).toEqual([200, 'miss']);
    }
  });

  test('when the embedding is late, which is waited for once and then aborted', async () => {
    const late: http.ServerResponse[] = [];
    pair.embedding = (_text, response) => void late.push(response);
    const startedAt = performance.now();
    const answers = [await chat(first, asking('When is the holiday?')), await chat(first, asking('When does the holiday begin?'))];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(performance.now() - startedAt).toBeGreaterThan(TIMEOUT_MS);
    await waitFor(() => late.every(({ destroyed }) => destroyed), { what: 'the call to be aborted' });
  });
});
