import type { OptionalParam } from '../dialect-codec.ts';

/** Anthropic's names; what it has no field for can only come from the deployment's defaults, in OpenAI's. */
const NAMES: Readonly<Record<OptionalParam, string>> = {
  parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  stop: 'stop_sequences',
  outputFormat: 'output_config.format',
  reasoningEffort: 'output_config.effort',
  reasoningBudget: 'thinking',
  serviceTier: 'service_tier',
};

export function paramName(param: OptionalParam): string {
  return NAMES[param];
}
