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
  /** Where a model of embeddings is set up: the same for its texts. */
  embedding: (text: string, response: http.ServerResponse) => void;
  /** The first message of each request that the provider was sent; emptied by the test. */
  asked: string[];
  /** The text of each request for an embedding; emptied by the test. */
  embedded: string[];
  stop(): Promise<void>;
}

interface TwoIngressesOptions {
  /** The name of the provider's one deployment for conversations. */
  readonly model: string;
  /** The name of another one for embeddings, 1 cent a million tokens. */
  readonly embeddingModel?: string;
  /** YAML behind `model_list`. */
  readonly settings: string;
  /** With batches. */
  readonly whole?: true;
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
    pair.embedded = [];
  });
  return { pair, first, second };
}

async function startTwoIngresses(pair: TwoIngresses, options: TwoIngressesOptions): Promise<void> {
  const provider = await startScriptedProvider((request, response) => {
    const body = JSON.parse(request.body.toString()) as AskedBody & { readonly input: string };
    if (request.path.endsWith('/embeddings')) {
      pair.embedded.push(body.input);
      return pair.embedding(body.input, response);
    }
    pair.asked.push(body.messages[0]?.content ?? '');
    pair.answering(body, response);
  });
  const headrace = await startHeadrace({
    ...(options.whole === undefined ? {} : { whole: true }),
    config: `
model_list:
  - model_name: ${options.model}
    litellm_params: { model: openai/gpt-x, api_base: "${provider.url}", api_key: sk-provider, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002 }
${options.embeddingModel === undefined ? '' : embeddingEntry(options.embeddingModel, provider.url)}
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
    embedding: (_text, response) => void response.destroy(),
    asked: [],
    embedded: [],
    stop: async () => {
      await replica.stop();
      await headrace.stop();
      provider.close();
    },
  } satisfies TwoIngresses);
}

function embeddingEntry(name: string, url: string): string {
  return `
  - model_name: ${name}
    litellm_params: { model: openai/embed-x, api_base: "${url}", api_key: sk-provider, input_cost_per_token: 0.00000001 }`;
}
