import { isRecord, type JsonRecord } from '../json/record.ts';
import { applicableDefaults as applicableChatDefaults } from '../openai-chat/default-params.ts';
import { planThinking } from './encode-thinking.ts';
import { abilitiesOf } from './model-generation.ts';

interface SentFields {
  has(field: string): boolean;
  value(field: string): unknown;
}

/** OpenAI's names in `litellm_params` for fields that Anthropic names otherwise; all others go by the name they have. */
const NAMES: Readonly<Record<string, string>> = { max_completion_tokens: 'max_tokens', stop: 'stop_sequences' };

/**
 * The deployment's defaults in this dialect, those whose field the client did not set. A field that Anthropic does not have
 * is set all the same: the provider says so, instead of a setting that does nothing.
 */
export function applicableDefaults(sent: SentFields, defaults: JsonRecord, model: string): [string, unknown][] {
  const has = (field: string): boolean => sent.has(NAMES[field] ?? field);
  return applicableChatDefaults(has, defaults).flatMap(([field, value]) => translateDefault(field, value, sent, model));
}

function translateDefault(field: string, value: unknown, sent: SentFields, model: string): [string, unknown][] {
  if (field === 'stop') return [['stop_sequences', Array.isArray(value) ? value : [value]]];
  if (field === 'user') return sent.has('metadata') ? [] : [['metadata', { user_id: value }]];
  if (field === 'reasoning_effort') return typeof value === 'string' ? thinkingDefaults(value, sent, model) : [];
  if (field === 'tool_choice' && !isRecord(value)) return [];
  return [[NAMES[field] ?? field, value]];
}

/** The effort as Claude's thinking; nothing when the client spoke of thinking itself, or left no room for it. */
function thinkingDefaults(effort: string, sent: SentFields, model: string): [string, unknown][] {
  if (sent.has('thinking') || sent.has('output_config')) return [];
  const maxTokens = sent.value('max_tokens');
  const plan = planThinking(effort, typeof maxTokens === 'number' ? maxTokens : undefined, abilitiesOf(model));
  if (plan === undefined) return [];
  return [
    ['thinking', plan.thinking],
    ...(plan.effort === undefined ? [] : [['output_config', { effort: plan.effort }] satisfies [string, unknown]]),
  ];
}
