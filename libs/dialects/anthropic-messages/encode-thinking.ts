import type { JsonRecord } from '../json/record.ts';
import type { ModelAbilities } from './model-generation.ts';

/** The API's smallest budget. */
const MIN_BUDGET_TOKENS = 1_024;
/** LiteLLM's budgets per effort, so that a migrated call costs what it did; `minimal` is raised to what the API takes. */
const BUDGET_TOKENS: Readonly<Record<string, number>> = {
  minimal: MIN_BUDGET_TOKENS,
  low: 1_024,
  medium: 2_048,
  high: 4_096,
  xhigh: 8_192,
  max: 16_384,
};

const LEAST_MEDIUM_BUDGET = 2_048;
const LEAST_HIGH_BUDGET = 4_096;

export interface ThinkingPlan {
  readonly thinking: JsonRecord;
  /** For `output_config.effort`. */
  readonly effort: string | undefined;
  /** Tokens to add to a default `max_tokens`: the limit counts thinking too. */
  readonly budgetTokens: number;
}

/**
 * `reasoning_effort` as thinking. Undefined for an effort nobody knows, and when a client's own `maxOutputTokens` leaves no
 * room for the smallest budget: the caller refuses or drops the parameter.
 */
export function planThinking(effort: string, maxOutputTokens: number | undefined, abilities: ModelAbilities): ThinkingPlan | undefined {
  if (effort === 'none' || effort === 'disable') return { thinking: { type: 'disabled' }, effort: undefined, budgetTokens: 0 };
  const wanted = BUDGET_TOKENS[effort];
  if (wanted === undefined) return undefined;
  if (abilities.thinking === 'adaptive') {
    const thinking = abilities.hidesThinking ? { type: 'adaptive', display: 'summarized' } : { type: 'adaptive' };
    return { thinking, effort: adaptiveEffort(effort, abilities), budgetTokens: 0 };
  }
  const budgetTokens = maxOutputTokens === undefined ? wanted : Math.min(wanted, maxOutputTokens - 1);
  if (budgetTokens < MIN_BUDGET_TOKENS) return undefined;
  return { thinking: { type: 'enabled', budget_tokens: budgetTokens }, effort: undefined, budgetTokens };
}

/** A budget of the client's as thinking; models that choose their own budget get the effort it is worth. */
export function planBudget(budget: number, abilities: ModelAbilities): ThinkingPlan {
  if (budget <= 0) return { thinking: { type: 'disabled' }, effort: undefined, budgetTokens: 0 };
  if (abilities.thinking === 'adaptive') {
    const effort = budget >= LEAST_HIGH_BUDGET ? 'high' : budget >= LEAST_MEDIUM_BUDGET ? 'medium' : 'low';
    return { thinking: { type: 'adaptive' }, effort, budgetTokens: 0 };
  }
  const budgetTokens = Math.max(budget, MIN_BUDGET_TOKENS);
  return { thinking: { type: 'enabled', budget_tokens: budgetTokens }, effort: undefined, budgetTokens };
}

function adaptiveEffort(effort: string, abilities: ModelAbilities): string {
  if (effort === 'minimal') return 'low';
  return effort === 'xhigh' && !abilities.xhighEffort ? 'high' : effort;
}
