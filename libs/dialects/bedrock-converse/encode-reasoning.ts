import type { ConversationRequest } from '../conversation/request.ts';
import { planBudget, planThinking } from '../anthropic-messages/encode-thinking.ts';
import { abilitiesOf } from '../anthropic-messages/model-generation.ts';
import { recordAt, type JsonRecord } from '../json/record.ts';
import type { ModelFamily } from './model-family.ts';

export interface ReasoningPlan {
  /** For `additionalModelRequestFields`. */
  readonly fields: JsonRecord;
  /** Claude thinks: no forced tool then, no sampling parameters. */
  readonly isThinking: boolean;
  /** Tokens of it, when they are a number: the limit of the answer counts them too. */
  readonly budgetTokens: number;
}

const NONE: ReasoningPlan = { fields: {}, isThinking: false, budgetTokens: 0 };

/** `reasoning_effort` or a budget in the words of the model's maker. Undefined: the model can't do what was asked. */
export function planReasoning(request: ConversationRequest, model: string, family: ModelFamily): ReasoningPlan | undefined {
  const effort = request.reasoningEffort;
  switch (family) {
    case 'claude':
      return planClaude(request, model);
    case 'nova':
      return effort === undefined ? NONE : planNova(effort);
    case 'gpt-oss':
      // it can't be told not to think
      return effort === undefined || effort === 'none' ? NONE : { ...NONE, fields: { reasoning_effort: gptEffort(effort) } };
    default:
      return NONE;
  }
}

function planClaude(request: ConversationRequest, model: string): ReasoningPlan | undefined {
  const own = request.thinking ?? recordAt(request.extra, 'thinking');
  if (own !== undefined) {
    const budget = own['budget_tokens'];
    return { fields: { thinking: own }, isThinking: isOn(own), budgetTokens: typeof budget === 'number' ? budget : 0 };
  }
  const { reasoningEffort: effort, reasoningBudget: budget } = request;
  if (effort === undefined && budget === undefined) return NONE;
  const abilities = abilitiesOf(model);
  const plan = effort === undefined ? planBudget(budget ?? 0, abilities) : planThinking(effort, request.maxOutputTokens, abilities);
  if (plan === undefined) return undefined;
  const config = plan.effort === undefined ? {} : { output_config: { effort: plan.effort } };
  return { fields: { thinking: plan.thinking, ...config }, isThinking: isOn(plan.thinking), budgetTokens: plan.budgetTokens };
}

function isOn(thinking: JsonRecord): boolean {
  return thinking['type'] !== 'disabled';
}

/** https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
const NOVA_EFFORTS: Readonly<Record<string, string>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

function planNova(effort: string): ReasoningPlan | undefined {
  if (effort === 'none') return { ...NONE, fields: { reasoningConfig: { type: 'disabled' } } };
  const maxReasoningEffort = NOVA_EFFORTS[effort];
  return maxReasoningEffort === undefined ? undefined : { ...NONE, fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort } } };
}

function gptEffort(effort: string): string {
  return NOVA_EFFORTS[effort] ?? effort;
}
