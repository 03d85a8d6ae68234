import type { OptionalParam } from '../dialect-codec.ts';

const NAMES: Readonly<Record<OptionalParam, string>> = {
  parallelToolCalls: 'parallel_tool_calls',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  stop: 'stop',
  outputFormat: 'response_format',
  reasoningEffort: 'reasoning_effort',
  reasoningBudget: 'thinking',
  serviceTier: 'service_tier',
};

export function paramName(param: OptionalParam): string {
  return NAMES[param];
}
