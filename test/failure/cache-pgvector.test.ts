import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '#db';
import { waitFor } from '#testing';
import { chat } from '../support/chat-client.ts';
import { answerEmbedding, answerWhole } from '../support/openai-answers.ts';
import { type PgvectorServer, startPgvector } from '../support/pgvector-server.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { useTwoIngresses } from '../support/two-ingresses.ts';

/** An accounting whose Postgres has pgvector, beside ingresses that have room for one text. */
const { first, pair, second } = useTwoIngresses({
  model: 'helpdesk',
  embeddingModel: 'embed',
  settings: 'headrace: { cache: { semantic: { models: [helpdesk], embedding_model: embed, embedding_timeout_ms: 5000, max_entries: 1 } } }',
});
let server: PgvectorServer;
let accounting: Replica;

beforeAll(async () => {
  server = await startPgvector();
  await migrate(server.url);
  accounting = await startReplica(pair.headrace, 'accounting', { DATABASE_URL: server.url });
}, 60_000);
afterAll(async () => {
  await accounting.stop();
  await server.stop();
});

const asking = (content: string) => ({ model: 'helpdesk', messages: [{ role: 'user', content }] });

test('a similar request is answered from Postgres at both ingresses, with the rights that services have on NATS', async () => {
  pair.answering = (body, response) => answerWhole(response, `on ${body.messages[0]?.content}`);
  pair.embedding = (text, response) =>
    answerEmbedding(
      response,
      ['password', 'invoice'].map((word) => (text.includes(word) ? 1 : 0)),
    );
  await chat(first, asking('How do I reset my password?'));
  await chat(first, asking('Where is my invoice?'));
  for (const ingress of [second, first]) {
    // its own answer is not kept, so that nothing is nearer next time
    const similar = await waitFor(
      async () => {
        const answer = await chat(ingress, { ...asking('How can I reset my password?'), cache: { ttl: 0 } });
        return answer.headers['x-headrace-cache'] === 'hit' && answer;
      },
      { what: 'a text beyond the memory to be found', timeoutMs: 30_000 },
    );
    expect(similar.text).toContain('on How do I reset my password?');
    expect(similar.headers['x-headrace-cache-similarity']).toBe('1.0000');
  }
}, 90_000);
