import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { get, type LedgerRow } from '../support/books.ts';
import { chat, type ChatAnswer, readStream } from '../support/chat-client.ts';
import { createLimitedKey, hashOf } from '../support/limited-key.ts';
import { type SpendingProvider, startSpendingProvider } from '../support/spending-provider.ts';
import { type Admission, openAdmission } from '../support/admission.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/** Promise 3: a budget holds across replicas, under concurrency, and over the death of whoever counts. */
const BUDGET_TOKENS = 10_000;
const [SHORTEST, LONGEST] = [100, 700];
const REQUESTS = 200;
/** Of a stream that is cut off: a fifth of a second. */
const UNREAD_TOKENS = 40;

let provider: SpendingProvider;
let headrace: RunningHeadrace;
let ingress: Replica;
let admission: Admission;

beforeAll(async () => {
  // a hundred dollars a million tokens: a call costs one to seven cents
  provider = await startSpendingProvider({ lengthOf: (_call, index) => lengthOf(index), tokenMs: 5, answerMs: 300, statesUsage: true });
  headrace = await startHeadrace({
    config: [
      'model_list:',
      `  - {model_name: dear, litellm_params: {model: openai/dear, api_base: "${provider.url}", api_key: x, input_cost_per_token: 0, output_cost_per_token: 0.0001}}`,
    ].join('\n'),
  });
  ingress = await startReplica(headrace, 'ingress');
  admission = await openAdmission(headrace);
});
afterAll(async () => {
  await admission.close();
  await ingress.stop();
  await headrace.stop();
  provider.close();
});

/** Not to be told in advance, and the same in every run. */
function lengthOf(index: number): number {
  return SHORTEST + ((index * 7_919 + 104_729) % (LONGEST - SHORTEST + 1));
}

test('200 requests at once on a key with $1.00, its counter killed half way: never a cent more, at least 95 % of it, and nothing left reserved', async () => {
  const key = await createLimitedKey(headrace, { limits: { budgets: [{ id: 'all', limitUsd: '1' }] } });
  const urls = [headrace.url, ingress.url];
  const answers = Array.from({ length: REQUESTS }, (_, index) =>
    chat(
      { url: urls[index % 2] ?? '', key },
      { model: 'dear', max_tokens: LONGEST, stream: index % 3 !== 0, messages: [{ role: 'user', content: `call ${index}` }] },
      { 'x-headrace-deadline-ms': '60000', 'x-headrace-session': `call ${index}` },
    ),
  );
  await waitFor(() => provider.calls.filter(({ state }) => state === 'completed').length >= 8, {
    what: 'eight answers',
    timeoutMs: 30_000,
  });
  await admission.killLeader();
  const all = await Promise.all(answers);

  const outcomes = all.map(outcomeOf);
  expect(outcomes.filter((outcome) => !['answered', 'refused', 'stopped'].includes(outcome))).toEqual([]);
  expect(outcomes.filter((outcome) => outcome === 'answered').length).toBeGreaterThan(12);
  expect(outcomes.filter((outcome) => outcome === 'refused').length).toBeGreaterThan(100);

  const rows = await ledger(key, provider.calls.length);
  expect(rows).toHaveLength(provider.calls.length);
  expect(sum(rows)).toBeLessThanOrEqual(BUDGET_TOKENS);
  expect(sum(rows)).toBeGreaterThanOrEqual(0.95 * BUDGET_TOKENS);
  // the provider's own meter, call by call; of one that is cut off it has sent a few events that nobody reads any more
  for (const row of rows) {
    const metered = provider.calls.find(({ text }) => text === row.session_id)?.tokens ?? 0;
    const isWhole = row.headrace.status === 'success';
    expect(metered).toBeGreaterThanOrEqual(row.completion_tokens);
    expect(metered - row.completion_tokens).toBeLessThanOrEqual(isWhole ? 0 : UNREAD_TOKENS);
  }

  await waitFor(async () => (await admission.reservedUsd()) === 0, { what: 'all reservations to be gone', timeoutMs: 20_000 });
}, 120_000);

function outcomeOf(answer: ChatAnswer): string {
  const isStream = String(answer.headers['content-type']).startsWith('text/event-stream');
  if (!isStream) return answer.status === 200 ? 'answered' : answer.status === 402 ? 'refused' : `${answer.status} ${answer.text}`;
  const { error, done } = readStream(answer.text);
  if (error === undefined) return done ? 'answered' : 'cut';
  return error.code === 'budget_exceeded' ? 'stopped' : error.code;
}

function sum(rows: readonly LedgerRow[]): number {
  return rows.reduce((total, { completion_tokens }) => total + completion_tokens, 0);
}

/** When it has all of them. */
function ledger(key: string, attempts: number): Promise<LedgerRow[]> {
  return waitFor(
    async () => {
      const answer = await get(headrace, `/spend/logs?api_key=${hashOf(key)}&limit=1000`);
      const rows = (await answer.json()) as LedgerRow[];
      return rows.length >= attempts && rows;
    },
    { what: 'the ledger to have all attempts', timeoutMs: 30_000 },
  );
}
