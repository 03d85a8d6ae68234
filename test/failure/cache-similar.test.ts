import { describe, expect, test } from 'vitest';
import { waitFor } from '#testing';
import { chat, type ChatAnswer } from '../support/chat-client.ts';
import { answerWhole } from '../support/openai-answers.ts';
import { useTwoIngresses } from '../support/two-ingresses.ts';

/** Answers to requests that mean the same, with the model that comes with the gateway and two ingresses. */
const { first, pair, second } = useTwoIngresses({
  model: 'helpdesk',
  settings: 'headrace: { cache: { semantic: { models: [helpdesk] } } }',
});

const asking = (content: string, more: object = {}, earlier: object[] = []) => ({
  model: 'helpdesk',
  messages: [...earlier, { role: 'user', content }],
  ...more,
});
const markOf = ({ headers }: ChatAnswer): unknown => headers['x-headrace-cache'];

/** The first text takes as long as the model needs to load: it is asked until it is known at both ingresses. */
async function untilSimilar(target: typeof first, body: object): Promise<ChatAnswer> {
  return waitFor(
    async () => {
      const answer = await chat(target, { ...body, cache: { 'no-store': false, ttl: 0 } });
      return markOf(answer) === 'hit' && answer;
    },
    { what: 'a similar request to be answered from the cache', timeoutMs: 30_000 },
  );
}

describe('a request that means the same as one before', () => {
  test('is answered with its answer at both ingresses, and the similarity is told', async () => {
    pair.answering = (_body, response) => answerWhole(response, 'click on forgot');
    await waitFor(
      async () => {
        await chat(first, asking('How do I reset my password?', { cache: { 'no-cache': true } }));
        return markOf(await chat(first, asking('How can I reset my password?', { cache: { ttl: 0 } }))) === 'hit';
      },
      { what: 'the model to be loaded', timeoutMs: 30_000 },
    );
    const similar = await untilSimilar(second, asking('What is the way to reset my password?'));
    expect(similar.text).toContain('click on forgot');
    expect(Number(similar.headers['x-headrace-cache-similarity'])).toBeGreaterThan(0.8);
    expect(similar.headers['x-litellm-semantic-similarity']).toBe(similar.headers['x-headrace-cache-similarity']);
    const others = [
      asking('How do I reset my username?'),
      asking('How can I reset my password?', { temperature: 0.9 }),
      asking('How can I reset my password?', { tools: [{ type: 'function', function: { name: 'f' } }] }),
      asking('How can I reset my password?', {}, [{ role: 'system', content: 'You are rude.' }]),
      asking('How can I reset my password?', { seed: 4 }),
    ];
    for (const body of others) expect(markOf(await chat(first, body))).toBe('miss');
  });
});
