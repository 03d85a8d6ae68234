import OpenAI from 'openai';
import { type RunningHeadrace, startHeadrace, waitFor } from '#testing';
import { awaitBatch, inputLine, uploadInput } from '../integration/support/batches.ts';
import { createKey } from './books.ts';
import { chat } from './chat-client.ts';
import type { Prices } from './ledger-agreement.ts';
import { runArrivals } from './load.ts';
import { type MeteredProvider, startMeteredProvider } from './metered-provider.ts';
import { type Replica, startReplica } from './replica.ts';

/** The whole product with a second ingress and a second worker, before a provider that meters what it is asked. */
export interface BatchStage {
  readonly provider: MeteredProvider;
  readonly prices: Prices;
  readonly headrace: RunningHeadrace;
  readonly client: OpenAI;
  /** kill -9 of one kind of process after the other, each when the provider has had so many more calls. What died is started again. */
  killEach(options: { readonly every: number; readonly onKill?: (what: string) => void }): Promise<void>;
  /** Requests of people, until `stop`. */
  startLive(options: { readonly perSecond: number; readonly name: string }): LiveTraffic;
  /** A batch of so many requests, each named `<name>-<line>`. */
  startBatch(options: { readonly name: string; readonly lines: number }): Promise<string>;
  /** Resolves with the batch when it is over. */
  awaitEnd(id: string): Promise<OpenAI.Batch>;
  stop(): Promise<void>;
}

export interface LiveTraffic {
  readonly requests: readonly LiveRequest[];
  stop(): Promise<void>;
}

export interface LiveRequest {
  readonly name: string;
  readonly startedAt: number;
  /** Over all tries. */
  tookMs: number;
  /** Of the last try; undefined while it runs, 0 where its connection broke. */
  status: number | undefined;
  /** Tries whose connection broke, as those of an ingress that is killed do: clients' SDKs try again then. */
  broken: number;
}

export interface StageOptions {
  readonly firstTokenMs: number;
  /** YAML behind `model_list`. */
  readonly settings?: string;
}

const MOST_UNDER_WAY = 200;
const TRIES = 4;
const PATIENCE_MS = 90_000;
const KILLED = ['ingress', 'accounting', 'admin', 'nats-server', 'postgres', 'batches', 'worker', 'second worker'] as const;

export async function startBatchStage({ firstTokenMs, settings = '' }: StageOptions): Promise<BatchStage> {
  const provider = await startMeteredProvider({ name: 'c', tokens: 6, firstTokenMs, betweenTokensMs: 1, failureOf: () => undefined });
  const headrace = await startHeadrace({
    whole: true,
    config: `
model_list:
  - model_name: agent
    litellm_params: { model: openai/steady, api_base: "${provider.url}", api_key: k }
    model_info: { input_cost_per_token: 0.000001, output_cost_per_token: 0.000002 }
${settings}
`,
  });
  const [secondIngress, secondWorker] = await Promise.all([startReplica(headrace, 'ingress'), startReplica(headrace, 'worker')]);
  const key = await createKey(headrace);
  const client = new OpenAI({ baseURL: `${headrace.url}/v1`, apiKey: key, maxRetries: 10 });
  let replacement: Promise<Replica> | undefined;
  const ingresses = [headrace.url, secondIngress.url];

  const send = async (live: LiveRequest, turn: number): Promise<void> => {
    const body = { model: 'agent', messages: [{ role: 'user', content: live.name }], user: live.name };
    for (let tries = 0; tries < TRIES; tries += 1) {
      const url = ingresses[(turn + tries) % ingresses.length] ?? '';
      const answer = await chat({ url, key }, body).catch(() => undefined);
      live.status = answer?.clean === true ? answer.status : 0;
      if (live.status !== 0) break;
      live.broken += 1;
    }
    live.tookMs = performance.now() - live.startedAt;
  };

  return {
    provider,
    prices: { inputPicoUsd: 1_000_000n, outputPicoUsd: 2_000_000n },
    headrace,
    client,
    async killEach({ every, onKill }) {
      for (const what of KILLED) {
        const calls = provider.calls.length + every;
        await waitFor(() => provider.calls.length >= calls, { what: `${every} calls before the ${what} dies`, timeoutMs: PATIENCE_MS });
        onKill?.(what);
        if (what !== 'second worker') await headrace.kill(what);
        else {
          await secondWorker.kill();
          replacement = startReplica(headrace, 'worker');
        }
      }
    },
    startLive({ perSecond, name }) {
      const requests: LiveRequest[] = [];
      let isOver = false;
      const running = runArrivals({
        perSecond,
        mostUnderWay: MOST_UNDER_WAY,
        send: (number) => {
          const live: LiveRequest = { name: `${name}-${number}`, startedAt: performance.now(), tookMs: 0, status: undefined, broken: 0 };
          requests.push(live);
          return send(live, number);
        },
        until: () => isOver,
      });
      return {
        requests,
        stop: () => {
          isOver = true;
          return running;
        },
      };
    },
    awaitEnd: (id) =>
      waitFor(() => awaitBatch(client, id, PATIENCE_MS).catch(() => undefined), { what: 'the end of the batch', timeoutMs: PATIENCE_MS }),
    async startBatch({ name, lines }) {
      const input = Array.from({ length: lines }, (_, at) => inputLine(`${name}-${at}`, { model: 'agent', user: `${name}-${at}` }));
      const { id: file } = await uploadInput(client, input);
      const batch = await client.batches.create({ input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' });
      return batch.id;
    },
    async stop() {
      const workers = [secondWorker, await replacement].filter((one) => one !== undefined);
      await Promise.all([secondIngress, ...workers].map((replica) => replica.stop()));
      await headrace.stop();
      provider.close();
    },
  };
}
