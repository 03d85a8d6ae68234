import type { DialectQuirks } from '../exchange.ts';
import type { JsonRecord } from '../json/record.ts';

export interface ThinkingWish {
  readonly effort: string | undefined;
  /** Tokens, where the client gave a budget. */
  readonly budget: number | undefined;
}

/** LiteLLM's efforts per budget, so that a migrated call thinks as much as before. */
const LEAST_MEDIUM_BUDGET = 2_048;
const LEAST_HIGH_BUDGET = 4_096;

/**
 * What a host wants to be told to think, by its `thinkingFormat`:
 *
 * | format | fields |
 * |---|---|
 * | effort | `reasoning_effort` |
 * | reasoning-object | `reasoning: {effort}` or `{max_tokens}` (https://openrouter.ai/docs/use-cases/reasoning-tokens) |
 * | thinking-and-effort | `thinking: {type}` and `reasoning_effort` (https://api-docs.deepseek.com/guides/thinking_mode) |
 * | thinking-switch | `thinking: {type}` (https://docs.z.ai/guides/capabilities/thinking-mode) |
 * | enable-thinking | `enable_thinking`, `thinking_budget` |
 * | template-switch | `chat_template_kwargs: {enable_thinking}`, as vLLM and SGLang hand it to the model's template |
 *
 * Where there is no switch but the effort, 'none' is sent to models that know it and to no others, which refuse it.
 * Formats that know only on and off also get `reasoning_effort` when the quirk of that name is true.
 */
export function thinkingFields(wish: ThinkingWish, quirks: DialectQuirks, model?: string): JsonRecord {
  const effort = wish.effort ?? effortOfBudget(wish.budget);
  if (effort === undefined) return {};
  const isOn = effort !== 'none' && effort !== 'disable';
  const level = isOn && quirks.reasoningEffort === true ? { reasoning_effort: effort } : {};
  switch (quirks.thinkingFormat) {
    case 'reasoning-object':
      return { reasoning: wish.effort === undefined && isOn ? { max_tokens: wish.budget } : { effort } };
    case 'thinking-and-effort':
      return { thinking: switched(isOn), ...(isOn && quirks.reasoningEffort !== false ? { reasoning_effort: effort } : {}) };
    case 'thinking-switch':
      return { thinking: switched(isOn), ...level };
    case 'enable-thinking':
      return { enable_thinking: isOn, ...(isOn && wish.budget !== undefined ? { thinking_budget: wish.budget } : {}), ...level };
    case 'template-switch':
      return { chat_template_kwargs: { enable_thinking: isOn }, ...level };
    case 'effort':
    case undefined:
      return isOn || model === undefined || takesNoEffort(model) ? { reasoning_effort: effort } : {};
  }
}

/** OpenAI's models from 5.1 on know the effort `none`; those before, and models tuned for chats or code, answer it with an error. */
export function takesNoEffort(model: string): boolean {
  return /gpt-(?:5\.[1-9]|[6-9]|\d\d)(?!.*(?:chat|codex))/.test(model);
}

/** Parameters a host of these quirks refuses, in OpenAI's names. */
export function unsupportedBy(quirks: DialectQuirks): readonly string[] {
  const listed = quirks.unsupportedParams ?? [];
  const hasOwnFormat = quirks.thinkingFormat !== undefined && quirks.thinkingFormat !== 'effort';
  return quirks.reasoningEffort === false && !hasOwnFormat ? [...listed, 'reasoning_effort'] : listed;
}

export function effortOfBudget(budget: number | undefined): string | undefined {
  if (budget === undefined) return undefined;
  if (budget <= 0) return 'none';
  if (budget >= LEAST_HIGH_BUDGET) return 'high';
  return budget >= LEAST_MEDIUM_BUDGET ? 'medium' : 'low';
}

function switched(isOn: boolean): JsonRecord {
  return { type: isOn ? 'enabled' : 'disabled' };
}
