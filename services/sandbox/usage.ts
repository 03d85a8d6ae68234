import type { ChatRequest } from './chat-request.ts';
import type { Instructions } from './instructions.ts';
import { isObject } from './json.ts';
import type { BilledTokens } from './meter.ts';

/** What an answer states and what the meter bills for it. */
export interface Usage {
  /** JSON of the `usage` member; undefined when none shall be stated. */
  readonly json: string | undefined;
  /** For a whole answer. */
  readonly billed: BilledTokens;
}

export function composeUsage(request: ChatRequest, instructions: Instructions, completionTokens: number): Usage {
  const { promptTokens } = request.conversation;
  const cachedTokens = Math.min(instructions.cached_tokens ?? 0, promptTokens);
  if (instructions.usage === undefined || instructions.usage === false) {
    const json = instructions.usage === false ? undefined : usageJson(promptTokens, completionTokens, cachedTokens);
    return { json, billed: { promptTokens, cachedTokens, completionTokens } };
  }
  const plain: unknown = JSON.parse(usageJson(promptTokens, completionTokens, cachedTokens));
  const stated = { ...(isObject(plain) ? plain : {}), ...instructions.usage };
  return { json: JSON.stringify(stated), billed: billedAs(stated) };
}

function usageJson(promptTokens: number, completionTokens: number, cachedTokens: number): string {
  return (
    `{"prompt_tokens":${promptTokens},"completion_tokens":${completionTokens},"total_tokens":${promptTokens + completionTokens},` +
    `"prompt_tokens_details":{"cached_tokens":${cachedTokens},"audio_tokens":0},` +
    '"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}'
  );
}

function billedAs(stated: Readonly<Record<string, unknown>>): BilledTokens {
  const details = isObject(stated['prompt_tokens_details']) ? stated['prompt_tokens_details'] : {};
  return {
    promptTokens: countOr0(stated['prompt_tokens']),
    cachedTokens: countOr0(details['cached_tokens']),
    completionTokens: countOr0(stated['completion_tokens']),
  };
}

function countOr0(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
