import { type RunningHeadrace, startHeadrace } from '#testing';
import { createKey } from './books.ts';
import type { ChatTarget } from './chat-client.ts';
import { startFailingModel } from './failing-model.ts';
import type { ScriptedProvider } from './scripted-provider.ts';

export interface FailingHeadrace {
  readonly provider: ScriptedProvider;
  readonly headrace: RunningHeadrace;
  readonly target: ChatTarget;
  stop(): Promise<void>;
}

/** Headrace before a provider whose models fail as their names say, with one retry. `settings` is YAML of the section `headrace`. */
export async function startFailingHeadrace(settings: string): Promise<FailingHeadrace> {
  const provider = await startFailingModel();
  const headrace = await startHeadrace({
    config: `
model_list:
  - model_name: "*"
    litellm_params: { model: openai/*, api_base: "${provider.url}", api_key: sk-provider, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002 }
router_settings: { num_retries: 1, retry_after: 0, disable_cooldowns: true }
headrace:
${settings}
`,
  });
  const target = { url: headrace.url, key: await createKey(headrace) };
  return {
    provider,
    headrace,
    target,
    stop: async () => {
      await headrace.stop();
      provider.close();
    },
  };
}
