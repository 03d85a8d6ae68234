import type { OptionalParam } from '../dialect-codec.ts';

/** Those without a place in the format (`stop`, `seed` …) come from hosts' additions or the deployment's defaults. */
const NAMES: Readonly<Record<OptionalParam, string>> = {
  parallelToolCalls: 'parallel_tool_calls',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  stop: 'stop',
  outputFormat: 'text.format',
  reasoningEffort: 'reasoning.effort',
  reasoningBudget: 'reasoning.max_tokens',
  serviceTier: 'service_tier',
};

export function paramName(param: OptionalParam): string {
  return NAMES[param];
}
