import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { type Admission, openAdmission } from '../support/admission.ts';
import { chat, type ChatAnswer, startChat } from '../support/chat-client.ts';
import { createLimitedKey, putScope } from '../support/limited-key.ts';
import { type SpendingProvider, startSpendingProvider } from '../support/spending-provider.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/** Limits of callers hold to the last request, over all ingresses; slots of parallel requests come back however a call ends. */
let provider: SpendingProvider;
let headrace: RunningHeadrace;
let ingress: Replica;
let worker: Replica;
let admission: Admission;

beforeAll(async () => {
  provider = await startSpendingProvider({
    // a call that says so is never answered
    lengthOf: ({ text }) => (text.startsWith('hang') ? Infinity : 90),
    tokenMs: 5,
    answerMs: 50,
  });
  headrace = await startHeadrace({
    config: `model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "${provider.url}", api_key: x, cost_per_token: 0.000001}}]`,
  });
  [ingress, worker] = await Promise.all([startReplica(headrace, 'ingress'), startReplica(headrace, 'worker')]);
  admission = await openAdmission(headrace);
});
afterAll(async () => {
  await admission.close();
  await Promise.all([ingress.stop(), worker.stop().catch(() => undefined)]);
  await headrace.stop();
  provider.close();
});

const body = (text: string, more: object = {}) => ({ model: 'm', max_tokens: 90, messages: [{ role: 'user', content: text }], ...more });
const targets = (key: string) => [headrace.url, ingress.url].map((url) => ({ url, key }));

function burst(key: string, count: number, more: object = {}): Promise<ChatAnswer[]> {
  const both = targets(key);
  return Promise.all(Array.from({ length: count }, (_, index) => chat(both[index % 2] ?? { url: '', key }, body('hi', more))));
}

function byStatus(answers: readonly ChatAnswer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('a rate', () => {
  test('RPM 60, 200 requests at once over two ingresses: exactly 60 are served, the others told when to come again', async () => {
    const key = await createLimitedKey(headrace, { limits: { rpm: 60 } });
    const answers = await burst(key, 200);
    expect(byStatus(answers)).toEqual({ 200: 60, 429: 140 });
    const refused = answers.filter(({ status }) => status === 429);
    for (const { headers, text } of refused) {
      expect(headers).toMatchObject({ rate_limit_type: 'requests', 'x-ratelimit-limit-requests': '60' });
      expect(Number(headers['retry-after'])).toBeGreaterThan(30);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(JSON.parse(text).error).toMatchObject({ code: 'rate_limit_exceeded' });
    }
    const left = answers.filter(({ status }) => status === 200).map(({ headers }) => Number(headers['x-ratelimit-remaining-requests']));
    expect(left.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  test('RPM of a team counts all of its keys', async () => {
    await putScope(headrace, { kind: 'team', id: 'blue', limits: { rpm: 10 } });
    const keys = await Promise.all([1, 2].map(() => createLimitedKey(headrace, { teamId: 'blue' })));
    const answers = (await Promise.all(keys.map((key) => burst(key, 20)))).flat();
    expect(byStatus(answers)).toEqual({ 200: 10, 429: 30 });
    expect(answers.find(({ status }) => status === 429)?.text).toContain('team blue');
  });

  test('TPM 100, ten calls of 100 at once: exactly one is served', async () => {
    const probe = await createLimitedKey(headrace, { limits: { tpm: 1_000 } });
    const { headers } = await chat({ url: headrace.url, key: probe }, body('hi'));
    const inputTokens = 1_000 - Number(headers['x-ratelimit-remaining-tokens']) - 90;
    const key = await createLimitedKey(headrace, { limits: { tpm: 100 } });
    const answers = await burst(key, 10, { max_tokens: 100 - inputTokens });
    expect(byStatus(answers)).toEqual({ 200: 1, 429: 9 });
    expect(answers.find(({ status }) => status === 200)?.headers).toMatchObject({ 'x-ratelimit-remaining-tokens': '0' });
  });
});

describe('five parallel requests', () => {
  const CALLS = 1_000;
  const KILL_EVERY = 260;

  test('are never six at the provider, and five again after a thousand calls that were aborted, timed out, or lost with their worker', async () => {
    const key = await createLimitedKey(headrace, { limits: { parallel: 5 } });
    const before = provider.calls.length;
    let admitted = 0;
    let kills = 0;
    const lane = async (number: number): Promise<void> => {
      while (admitted < CALLS) {
        const target = targets(key)[number % 2] ?? { url: '', key };
        if (await badCall(target, admitted)) admitted += 1;
        else await afterMs(10);
        if (admitted < (kills + 1) * KILL_EVERY) continue;
        kills += 1;
        await headrace.kill('worker');
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, number) => lane(number)));
    expect(provider.calls.length - before).toBeGreaterThan(CALLS / 4);
    expect(provider.mostInFlight(before)).toBeLessThanOrEqual(5);

    const five = await waitFor(
      async () => {
        const answers = await burst(key, 5);
        return answers.every(({ status }) => status === 200) && answers;
      },
      { what: 'five slots to be free', timeoutMs: 30_000 },
    );
    expect(five).toHaveLength(5);
    // they last until they are aborted: however slowly the twelve come, no slot is free again for a later one
    const last = provider.calls.length;
    const calls = targets(key).flatMap((target) => Array.from({ length: 6 }, () => startChat(target, body('hang'))));
    const statuses: number[] = [];
    for (const { answer } of calls) void answer.then(({ status }) => statuses.push(status)).catch(() => undefined);
    await waitFor(() => statuses.length >= 7 && provider.calls.length >= last + 5, { what: 'five at the provider, and seven refused' });
    expect(statuses).toEqual(Array.from({ length: 7 }, () => 429));
    for (const call of calls) call.abort();
    expect(provider.mostInFlight(last)).toBe(5);
  }, 240_000);

  /** False when it was refused. */
  async function badCall(target: { url: string; key: string }, number: number): Promise<boolean> {
    const kind = number % 10;
    const headers: Record<string, string> = kind === 0 ? { 'x-headrace-deadline-ms': '60' } : {};
    const call = startChat(target, body('hang', { stream: number % 2 === 0, max_tokens: 100_000 }), headers);
    const answer = call.answer.then(({ status }) => status).catch(() => 0);
    if (kind === 0) return (await answer) !== 429;
    // how long its client has patience
    const status = await Promise.race([answer, afterMs(15 + (number % 40))]);
    call.abort();
    await answer;
    return status !== 429;
  }
});

function afterMs(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
