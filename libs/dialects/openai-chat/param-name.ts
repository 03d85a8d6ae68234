import { OPTIONAL_PARAMS, type OptionalParam } from '../dialect-codec.ts';
import type { DialectQuirks } from '../exchange.ts';
import { unsupportedBy } from './thinking-format.ts';

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

/** What a host refuses, as members of a conversation: then any client is told by its own name for it. */
export function paramsRefusedBy(quirks: DialectQuirks): readonly OptionalParam[] {
  const refused = unsupportedBy(quirks);
  return refused.length === 0 ? [] : OPTIONAL_PARAMS.filter((param) => refused.includes(NAMES[param]));
}
