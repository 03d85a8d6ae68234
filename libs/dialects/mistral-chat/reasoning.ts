import type { ConversationRequest } from '../conversation/request.ts';
import type { JsonRecord } from '../json/record.ts';
import { effortOfBudget } from '../openai-chat/thinking-format.ts';

/** Models that always think and have no switch for it (https://docs.mistral.ai/capabilities/reasoning/native). */
const ALWAYS_THINKS = /^magistral-/;
const ADJUSTABLE = /^mistral-(?:small-(?:latest|26)|medium-(?:latest|3)|large-4)/;
/** Models with levels between off and high. */
const HAS_LEVELS = /^mistral-large-4/;
const LEVELS: ReadonlySet<string> = new Set(['low', 'medium', 'high']);

/** Whether this request's history may hold the model's thinking: elsewhere parts of that type are not taken. */
export function thinks({ reasoningEffort: effort, reasoningBudget: budget }: ConversationRequest, model: string): boolean {
  if (ALWAYS_THINKS.test(model)) return true;
  return (effort ?? effortOfBudget(budget) ?? 'none') !== 'none';
}

/** `reasoning_effort` as the model takes it: most know `high` and `none` (https://docs.mistral.ai/capabilities/reasoning/adjustable). */
export function encodeEffort({ reasoningEffort, reasoningBudget }: ConversationRequest, model: string): JsonRecord {
  const effort = reasoningEffort ?? effortOfBudget(reasoningBudget);
  if (effort === undefined || ALWAYS_THINKS.test(model)) return {};
  // a model that can't think refuses even to be told not to
  if (effort === 'none') return ADJUSTABLE.test(model) ? { reasoning_effort: 'none' } : {};
  if (!HAS_LEVELS.test(model)) return { reasoning_effort: 'high' };
  return { reasoning_effort: LEVELS.has(effort) ? effort : effort === 'minimal' ? 'low' : 'high' };
}
