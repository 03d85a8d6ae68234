import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { JsonRecord } from '../json/record.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { abilitiesOf, type ModelAbilities } from './model-generation.ts';

/** LiteLLM's budgets per effort, so that a migrated call costs what it did. */
const BUDGET_TOKENS: Readonly<Record<string, number>> = { minimal: 1, low: 1_024, medium: 2_048, high: 4_096, xhigh: 8_192, max: 16_384 };
const LEVELS: Readonly<Record<string, string>> = {
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};
const OFF: ReadonlySet<string> = new Set(['none', 'disable']);

/**
 * `thinkingConfig` for an effort or a budget; a budget in tokens goes first, and every generation takes it. Undefined when the
 * request says neither. Throws `unsupported_parameter` for an effort the model has no setting for, unless it may be dropped.
 */
export function encodeThinking(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord | undefined {
  const abilities = abilitiesOf(options.upstreamModel);
  const budget = request.reasoningBudget;
  if (budget === undefined && request.reasoningEffort === undefined) return undefined;
  const config = budget === undefined ? ofEffort(request.reasoningEffort ?? '', abilities) : ofBudget(budget, abilities);
  const asksNothing = budget === 0 || OFF.has(request.reasoningEffort ?? '');
  if (config !== undefined || asksNothing) return config;
  const param = budget === undefined ? 'reasoning_effort' : 'thinking';
  if (!options.dropParams) throw unsupportedParameter(param);
  options.onDrop?.(param);
  return undefined;
}

function ofBudget(budget: number, abilities: ModelAbilities): JsonRecord | undefined {
  if (budget === 0) return switchedOff(abilities);
  return abilities.thinking === 'none' ? undefined : { thinkingBudget: budget, includeThoughts: true };
}

function ofEffort(effort: string, abilities: ModelAbilities): JsonRecord | undefined {
  if (OFF.has(effort)) return switchedOff(abilities);
  const budget = BUDGET_TOKENS[effort];
  const level = levelOf(effort, abilities);
  if (abilities.thinking === 'none' || budget === undefined || level === undefined) return undefined;
  if (abilities.thinking === 'level') return { thinkingLevel: level, includeThoughts: true };
  return { thinkingBudget: Math.max(budget, abilities.minBudgetTokens), includeThoughts: true };
}

/** Pro models know no `minimal`. */
function levelOf(effort: string, abilities: ModelAbilities): string | undefined {
  return effort === 'minimal' && !abilities.canStopThinking ? 'low' : LEVELS[effort];
}

/** As near to nothing as the model goes, and unseen. */
function switchedOff(abilities: ModelAbilities): JsonRecord | undefined {
  if (abilities.thinking === 'none') return undefined;
  if (abilities.thinking === 'level') return { thinkingLevel: abilities.canStopThinking ? 'minimal' : 'low', includeThoughts: false };
  return { thinkingBudget: abilities.canStopThinking ? 0 : abilities.minBudgetTokens, includeThoughts: false };
}
