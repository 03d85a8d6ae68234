import type http from 'node:http';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type RunningHeadrace, startHeadrace } from '#testing';
import { createKey } from './books.ts';
import type { ChatTarget } from './chat-client.ts';
import { startReplica } from './replica.ts';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

export interface AskedBody {
  readonly messages: readonly { readonly content: string }[];
}

/** One Headrace with two ingress processes before a provider that answers as the test says. */
export interface TwoIngresses {
  readonly provider: ScriptedProvider;
  readonly headrace: RunningHeadrace;
  /** The same key at each ingress. */
  readonly first: ChatTarget;
  readonly second: ChatTarget;
  /** Set by the test before it asks. */
  answering: (body: AskedBody, response: http.ServerResponse) => void;
  /** The first message of each request that the provider was sent; emptied by the test. */
  asked: string[];
  stop(): Promise<void>;
}

interface TwoIngressesOptions {
  /** The name of the provider's one deployment. */
  readonly model: string;
  /** YAML behind `model_list`. */
  readonly settings: string;
}

/** For all tests of a file, which each begin with nothing asked. */
export function useTwoIngresses(options: TwoIngressesOptions) {
  const pair = {} as TwoIngresses;
  const first = {} as ChatTarget;
  const second = {} as ChatTarget;

  beforeAll(async () => {
    await startTwoIngresses(pair, options);
    Object.assign(first, pair.first);
    Object.assign(second, pair.second);
  });
  afterAll(() => pair.stop?.());
  afterEach(() => {
    pair.asked = [];
  });
  return { pair, first, second };
}

async function startTwoIngresses(pair: TwoIngresses, options: TwoIngressesOptions): Promise<void> {
  const provider = await startScriptedProvider((request, response) => {
    const body = JSON.parse(request.body.toString()) as AskedBody;
    pair.asked.push(body.messages[0]?.content ?? '');
    pair.answering(body, response);
  });
  const headrace = await startHeadrace({
    config: `
model_list:
  - model_name: ${options.model}
    litellm_params: { model: openai/gpt-x, api_base: "${provider.url}", api_key: sk-provider }
router_settings: { num_retries: 0 }
${options.settings}
`,
  });
  const key = await createKey(headrace);
  const replica = await startReplica(headrace, 'ingress');
  Object.assign(pair, {
    provider,
    headrace,
    first: { url: headrace.url, key },
    second: { url: replica.url, key },
    answering: (_body, response) => void response.destroy(),
    asked: [],
    stop: async () => {
      await replica.stop();
      await headrace.stop();
      provider.close();
    },
  } satisfies TwoIngresses);
}
