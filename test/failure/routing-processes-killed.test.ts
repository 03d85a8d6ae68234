import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { createKey } from '../support/books.ts';
import { chat, type ChatAnswer, readStream } from '../support/chat-client.ts';
import { agree, bookedAttempts, LOST } from '../support/ledger-agreement.ts';
import { runArrivals } from '../support/load.ts';
import { type MeteredCall, type MeteredProvider, startMeteredProvider, textOfCall } from '../support/metered-provider.ts';
import { type Replica, startReplica } from '../support/replica.ts';

/**
 * kill -9 of one process after the other under 200 requests a second, while deployments fail and requests move to others: plain answers
 * and streams, over two providers in one group and a fallback. Every token names its call, so that no answer can be of two.
 */
const PER_SECOND = 200;
/** Reached where nobody answers: while nats-server is away, and on a machine that is too slow for this rate. */
const MOST_UNDER_WAY = 250;
const ANSWERS_BETWEEN_KILLS = 200;
const RECOVERY_MS = 30_000;

interface Sent {
  readonly name: string;
  readonly ingress: string;
  readonly streams: boolean;
  answer: ChatAnswer | undefined;
  isBroken: boolean;
}

let providers: readonly [MeteredProvider, MeteredProvider];
let headrace: RunningHeadrace;
let secondIngress: Replica;
let secondWorker: Replica;
let key: string;
const sent: Sent[] = [];
/** Of ingress processes that are dead. */
const cut = new Set<string>();
let isOver = false;

beforeAll(async () => {
  const pace = { tokens: 6, firstTokenMs: 60, betweenTokensMs: 20 };
  providers = await Promise.all([
    startMeteredProvider({ ...pace, name: 'a', failureOf: (model, call) => (model === 'dead' ? 529 : call % 9 === 0 ? 500 : undefined) }),
    startMeteredProvider({ ...pace, name: 'b', failureOf: () => undefined }),
  ]);
  const [a, b] = providers;
  headrace = await startHeadrace({
    config: `
model_list:
  - { model_name: agent, litellm_params: { model: openai/shaky, api_base: "${a.url}", api_key: k } }
  - { model_name: agent, litellm_params: { model: hosted_vllm/steady, api_base: "${b.url}", api_key: k } }
  - { model_name: planner, litellm_params: { model: openai/dead, api_base: "${a.url}", api_key: k } }
router_settings: { num_retries: 2, cooldown_time: 1, fallbacks: [{ planner: [agent] }] }
`,
  });
  [secondIngress, secondWorker] = await Promise.all([startReplica(headrace, 'ingress'), startReplica(headrace, 'worker')]);
  key = await createKey(headrace);
});
afterAll(async () => {
  await Promise.all([secondIngress.stop(), secondWorker.stop()]);
  await headrace.stop();
  for (const provider of providers) provider.close();
});

async function send(request: number): Promise<void> {
  const ingresses = [headrace.url, secondIngress.url].filter((url) => !cut.has(url));
  const ingress = ingresses[request % ingresses.length] ?? '';
  const one: Sent = { name: `q${request}`, ingress, streams: request % 2 === 0, answer: undefined, isBroken: false };
  sent.push(one);
  const body = {
    model: request % 3 === 0 ? 'planner' : 'agent',
    messages: [{ role: 'user', content: one.name }],
    user: one.name,
    ...(one.streams && { stream: true }),
  };
  try {
    one.answer = await chat({ url: ingress, key }, body);
    one.isBroken = !one.answer.clean;
  } catch {
    one.isBroken = true;
  }
}

const isSettled = ({ answer, isBroken }: Sent): boolean => answer !== undefined || isBroken;

/** Under load, and with everything that came before the kill at its end before the next. */
async function killUnderLoad(what: string, kill: () => Promise<void>): Promise<void> {
  const answered = sent.filter(isSettled).length;
  await waitFor(() => sent.filter(isSettled).length >= answered + ANSWERS_BETWEEN_KILLS, { what: 'answers', timeoutMs: RECOVERY_MS });
  await kill();
  const before = [...sent];
  await waitFor(() => before.every(isSettled), { what: `the requests from before ${what} died`, timeoutMs: RECOVERY_MS });
}

test('under 200 requests a second one process after the other is killed', async () => {
  const load = runArrivals({ perSecond: PER_SECOND, mostUnderWay: MOST_UNDER_WAY, send, until: () => isOver });
  try {
    await killUnderLoad('an ingress', () => {
      cut.add(secondIngress.url);
      return secondIngress.kill();
    });
    await killUnderLoad('a worker', () => secondWorker.kill());
    await killUnderLoad('accounting', () => headrace.kill('accounting'));
    await killUnderLoad('nats-server', () => headrace.kill('nats-server'));
    await killUnderLoad('the other worker', () => headrace.kill('worker'));
  } finally {
    isOver = true;
    await load;
  }
  expect(sent.length).toBeGreaterThan(5 * ANSWERS_BETWEEN_KILLS);
}, 180_000);

const answersOf = (streams: boolean): ChatAnswer[] =>
  sent.flatMap((one) => (one.answer?.clean && one.streams === streams ? [one.answer] : []));
const allCalls = (): MeteredCall[] => providers.flatMap(({ calls }) => calls);

describe('of all these requests', () => {
  test('none is lost: only connections of the killed ingress broke', () => {
    const broken = sent.filter(({ isBroken }) => isBroken);
    expect(broken.filter(({ ingress }) => ingress !== secondIngress.url)).toEqual([]);
    expect(sent.length - broken.length).toBeGreaterThan(5 * ANSWERS_BETWEEN_KILLS);
    expect(sent.filter((one) => !isSettled(one))).toEqual([]);
  });

  test('each plain one has the whole answer of one call, and no two have that of the same', () => {
    const whole = new Set(allCalls().map(textOfCall));
    const answers = answersOf(false);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const texts = answers.map(({ text }) => JSON.parse(text).choices[0].message.content as string);
    expect(texts.filter((text) => !whole.has(text))).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('each stream is whole, or ends with the error of its worker’s death behind text of one call', () => {
    const whole = new Set(allCalls().map(textOfCall));
    const readings = answersOf(true).map(({ text }) => readStream(text));
    const ended = readings.filter(({ done }) => done);
    expect(ended.filter(({ text, error, finishReason }) => !whole.has(text) || error !== undefined || finishReason !== 'stop')).toEqual([]);
    expect(new Set(ended.map(({ text }) => text)).size).toBe(ended.length);
    const failed = readings.filter(({ done }) => !done);
    expect(failed.filter(({ error }) => error?.code !== 'worker_lost')).toEqual([]);
    expect(failed.filter(({ text }) => text === '' || ![...whole].some((all) => all.startsWith(text)))).toEqual([]);
  });

  test('the ledger is what the providers’ own meters say', async () => {
    const calls = Map.groupBy(allCalls(), ({ asked }) => asked);
    const rows = await waitFor(
      async () => {
        const found = Map.groupBy(await bookedAttempts(headrace), ({ name }) => name);
        return [...calls].every(([name, made]) => (found.get(name)?.length ?? 0) >= made.length) && found;
      },
      { what: 'a row for each call', timeoutMs: RECOVERY_MS, intervalMs: 250 },
    );
    const differing = [...calls].filter(([name, made]) => !agree(made, rows.get(name) ?? []));
    expect(differing.map(([name, made]) => ({ made, rows: rows.get(name) }))).toEqual([]);
    expect([...rows.keys()].filter((name) => !calls.has(name))).toEqual([]);
    const statuses = Map.groupBy([...rows.values()].flat(), ({ status }) => status);
    expect(statuses.get(LOST)?.length).toBeGreaterThan(0);
    expect(statuses.get('failure')?.length).toBeGreaterThan(0);
  });
});
