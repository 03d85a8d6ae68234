import type { OptionalParam } from '../dialect-codec.ts';

const NAMES: Readonly<Record<OptionalParam, string>> = {
  parallelToolCalls: 'parallel_tool_calls',
  temperature: 'generationConfig.temperature',
  topP: 'generationConfig.topP',
  topK: 'generationConfig.topK',
  frequencyPenalty: 'generationConfig.frequencyPenalty',
  presencePenalty: 'generationConfig.presencePenalty',
  seed: 'generationConfig.seed',
  stop: 'generationConfig.stopSequences',
  outputFormat: 'generationConfig.responseMimeType',
  reasoningEffort: 'generationConfig.thinkingConfig',
  reasoningBudget: 'generationConfig.thinkingConfig.thinkingBudget',
  serviceTier: 'serviceTier',
};

/** `parallelToolCalls` comes from a deployment's defaults only: the format has no such switch. */
export function paramName(param: OptionalParam): string {
  return NAMES[param];
}
