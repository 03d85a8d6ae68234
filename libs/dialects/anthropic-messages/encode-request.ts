import { GatewayError } from '#contracts';
import type { TextPart } from '../conversation/content-part.ts';
import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import { recordAt, type JsonRecord } from '../json/record.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { encodeParts } from './encode-content.ts';
import { encodeMessages } from './encode-messages.ts';
import { planBudget, planThinking, type ThinkingPlan } from './encode-thinking.ts';
import { encodeTools } from './encode-tools.ts';
import { abilitiesOf, type ModelAbilities } from './model-generation.ts';

/** `max_tokens` is required here and optional for OpenAI: the answer's limit when the client set none. */
const DEFAULT_MAX_TOKENS = 4_096;
/** OpenAI counts temperature to 2, Anthropic to 1. */
const MAX_TEMPERATURE = 1;
const JSON_INSTRUCTION = 'Answer with one valid JSON object and nothing else: no prose before or after it and no code fence.';

/**
 * A conversation as a Messages request (https://docs.anthropic.com/en/api/messages). Unknown fields of the client are members
 * of it, so `mcp_servers` or `container` reach the provider as written. Throws `GatewayError` `unsupported_parameter`.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const abilities = abilitiesOf(options.upstreamModel);
  const thinking = thinkingOf(request, options, abilities);
  const { system, turns } = encodeTurns(request, abilities);
  return {
    ...request.extra,
    model: options.upstreamModel,
    max_tokens: request.maxOutputTokens ?? DEFAULT_MAX_TOKENS + budgetOf(request, thinking),
    ...(system.length === 0 ? {} : { system }),
    messages: turns,
    ...encodeTools(request),
    ...encodeSampling(request, options, { isRefused: thinking !== undefined || !abilities.sampling, isOne: abilities.oneSampling }),
    ...(request.stop.length === 0 ? {} : { stop_sequences: request.stop }),
    ...encodeThinking(request, thinking),
    ...encodeOutputConfig(request, thinking, abilities),
    ...encodeMetadata(request),
    ...encodeServiceTier(request, options),
    ...(request.stream ? { stream: true } : {}),
  };
}

/** A `thinking` object of the client's own goes before `reasoning_effort`. */
function thinkingOf(request: ConversationRequest, options: EncodeRequestOptions, abilities: ModelAbilities): ThinkingPlan | undefined {
  if (request.thinking !== undefined) return undefined;
  const budget = request.reasoningBudget;
  if (request.reasoningEffort === undefined) return budget === undefined ? undefined : planBudget(budget, abilities);
  const plan = planThinking(request.reasoningEffort, request.maxOutputTokens, abilities);
  if (plan !== undefined || options.dropParams) return plan;
  throw new GatewayError(
    'unsupported_parameter',
    "The provider of this model can't take this 'reasoning_effort': it needs a known effort and a token limit above 1024. Change one of them, or set drop_params.",
    { param: 'reasoning_effort' },
  );
}

function encodeThinking(request: ConversationRequest, plan: ThinkingPlan | undefined): JsonRecord {
  const thinking = request.thinking ?? plan?.thinking;
  return thinking === undefined ? {} : { thinking };
}

/** Thinking counts into `max_tokens`, so a default limit grows by the budget, the client's own or ours. */
function budgetOf(request: ConversationRequest, thinking: ThinkingPlan | undefined): number {
  const ownBudget = request.thinking?.['budget_tokens'];
  return typeof ownBudget === 'number' ? ownBudget : (thinking?.budgetTokens ?? 0);
}

function encodeTurns(
  request: ConversationRequest,
  abilities: ModelAbilities,
): { system: readonly JsonRecord[]; turns: readonly JsonRecord[] } {
  const instruction = jsonInstruction(request, abilities);
  const texts: readonly TextPart[] = instruction === undefined ? request.system : [...request.system, { type: 'text', text: instruction }];
  const system = encodeParts(texts);
  const turns = encodeMessages(request.messages);
  if (turns.length > 0 || system.length === 0) return { system, turns: turns.map((turn) => ({ ...turn })) };
  // the API needs a user turn: a request of nothing but system text asks it as one
  return { system: [], turns: [{ role: 'user', content: system }] };
}

/** There is no JSON mode without a schema, and older models know no schema: both are asked in words. */
function jsonInstruction(request: ConversationRequest, abilities: ModelAbilities): string | undefined {
  const format = request.outputFormat;
  if (format === undefined) return undefined;
  if (format.type === 'json') return JSON_INSTRUCTION;
  return abilities.outputSchema ? undefined : `${JSON_INSTRUCTION} It must match this JSON schema: ${JSON.stringify(format.schema)}`;
}

/** Newer models refuse these, and older ones beside thinking: the provider says so, unless the caller prefers them dropped. */
function encodeSampling(
  request: ConversationRequest,
  { dropParams, onDrop }: EncodeRequestOptions,
  { isRefused, isOne }: { readonly isRefused: boolean; readonly isOne: boolean },
): JsonRecord {
  if (dropParams && isRefused) return {};
  const losesTopP = dropParams && isOne && request.temperature !== undefined && request.topP !== undefined;
  if (losesTopP) onDrop?.('top_p');
  return {
    ...(request.temperature === undefined ? {} : { temperature: Math.min(request.temperature, MAX_TEMPERATURE) }),
    ...(request.topP === undefined || losesTopP ? {} : { top_p: request.topP }),
    ...(request.topK === undefined ? {} : { top_k: request.topK }),
  };
}

function encodeOutputConfig(request: ConversationRequest, thinking: ThinkingPlan | undefined, abilities: ModelAbilities): JsonRecord {
  const format = request.outputFormat;
  const config: Record<string, unknown> = { ...recordAt(request.extra, 'output_config') };
  if (thinking?.effort !== undefined) config['effort'] ??= thinking.effort;
  if (format?.type === 'json-schema' && abilities.outputSchema) config['format'] = { type: 'json_schema', schema: format.schema };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

function encodeMetadata(request: ConversationRequest): JsonRecord {
  return request.endUser === undefined ? {} : { metadata: { user_id: request.endUser } };
}

/** OpenAI's names, or Anthropic's own. Other tiers (`flex`, `priority`) change the price: never dropped in silence. */
const SERVICE_TIERS: Readonly<Record<string, string>> = { auto: 'auto', default: 'standard_only', standard_only: 'standard_only' };

function encodeServiceTier(request: ConversationRequest, { dropParams }: EncodeRequestOptions): JsonRecord {
  if (request.serviceTier === undefined) return {};
  const tier = SERVICE_TIERS[request.serviceTier];
  if (tier === undefined && !dropParams) throw unsupportedParameter('service_tier');
  return tier === undefined ? {} : { service_tier: tier };
}
