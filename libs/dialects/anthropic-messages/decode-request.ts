import type { ConversationRequest, OutputFormat } from '../conversation/request.ts';
import type { DecodedRequest, DecodeRequestOptions } from '../dialect-codec.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { applicableDefaults } from '../openai-chat/default-params.ts';
import { decodeSampling, numberAt } from '../openai-chat/decode-sampling.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';
import { invalidField } from '../openai-chat/invalid-field.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { isClaudeFallbacks, kindOfField } from './claude-only-fields.ts';
import { decodeMessages } from './decode-messages.ts';
import { decodeThinking } from './decode-thinking.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { readUserId } from './read-user-id.ts';

/** Fields this decoder turns into parts of the conversation, with OpenAI's names in which a deployment has its defaults. */
const DECODED_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'service_tier',
  'max_completion_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
  'parallel_tool_calls',
  'reasoning_effort',
  'user',
]);

/**
 * A Messages request (https://platform.claude.com/docs/en/api/messages) as a conversation, for a provider of another dialect.
 * Fields that only advise Claude are left out and named; what only Claude has is refused by name, or dropped under `drop_params`;
 * unknown fields travel on. Throws `GatewayError` `invalid_request`, `unsupported_parameter`.
 */
export function decodeRequest(sent: JsonRecord, options: DecodeRequestOptions): DecodedRequest {
  const dropParams = options.dropParams || sent['drop_params'] === true;
  const body: JsonRecord = { ...sent, ...Object.fromEntries(applicableDefaults((field) => isSet(sent, field), options.defaultParams)) };
  const { tools, advice } = decodeTools(body['tools']);
  const { toolChoice, parallelToolCalls } = decodeToolChoice(body['tool_choice']);
  const thinking = decodeThinking(body);
  const { extra, dropped } = sortFields(body, dropParams);
  const request: ConversationRequest = {
    ...decodeMessages(body['system'], body['messages']),
    tools,
    toolChoice,
    parallelToolCalls: parallelToolCalls ?? (body['parallel_tool_calls'] === false ? false : undefined),
    maxOutputTokens: numberAt(body, 'max_tokens') ?? numberAt(body, 'max_completion_tokens'),
    ...decodeSampling(body, isSet(body, 'stop_sequences') ? 'stop_sequences' : 'stop'),
    outputFormat: decodeOutputFormat(body),
    reasoningEffort: thinking.reasoningEffort ?? stringAt(body, 'reasoning_effort'),
    reasoningBudget: thinking.reasoningBudget,
    endUser: decodeEndUser(body),
    serviceTier: decodeServiceTier(body),
    stream: options.stream,
    extra,
  };
  return { request, includeUsage: true, dropParams, dropped: [...advice, ...dropped] };
}

/** Anthropic's spellings of the fields that a deployment's defaults have in OpenAI's. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  stop: ['stop_sequences'],
  user: ['metadata'],
  reasoning_effort: ['thinking', 'output_config'],
  parallel_tool_calls: ['tool_choice'],
};

function isSet(sent: JsonRecord, field: string): boolean {
  return [field, ...(SPELLINGS[field] ?? [])].some((name) => sent[name] !== undefined && sent[name] !== null);
}

function sortFields(body: JsonRecord, dropParams: boolean): { extra: JsonRecord; dropped: string[] } {
  const extra: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [field, value] of Object.entries(body)) {
    if (DECODED_FIELDS.has(field)) continue;
    const kind = kindOfField(field, value);
    // LiteLLM's `fallbacks` are the gateway's own; Anthropic's are objects with a model, or a word
    if (isGatewayField(field) && !(field === 'fallbacks' && isClaudeFallbacks(value))) continue;
    if (kind === 'unknown') extra[field] = value;
    else if (kind === 'requested' && !dropParams) throw unsupportedParameter(field);
    else if (kind !== 'nothing') dropped.push(field);
  }
  if (recordAt(body, 'output_config')?.['task_budget'] !== undefined) dropped.push('output_config.task_budget');
  return { extra, dropped };
}

/** `output_format` is the name it had as a beta. */
function decodeOutputFormat(body: JsonRecord): OutputFormat | undefined {
  const config = recordAt(body, 'output_config');
  const [field, format] = isSet(config ?? {}, 'format')
    ? ['output_config.format', config?.['format']]
    : ['output_format', body['output_format']];
  if (format === undefined || format === null) return undefined;
  const schema = isRecord(format) ? recordAt(format, 'schema') : undefined;
  if (!isRecord(format) || format['type'] !== 'json_schema') throw invalidField(`${field}.type`, 'must be "json_schema"');
  if (schema === undefined) throw invalidField(`${field}.schema`, 'must be a JSON schema object');
  return { type: 'json-schema', schema };
}

function decodeEndUser(body: JsonRecord): string | undefined {
  const userId = stringAt(recordAt(body, 'metadata') ?? {}, 'user_id');
  return userId === undefined ? stringAt(body, 'user') : readUserId(userId).user;
}

/** `auto` is what happens anyway; `standard_only` is OpenAI's `default`. Others can only be a deployment's default. */
function decodeServiceTier(body: JsonRecord): string | undefined {
  const tier = stringAt(body, 'service_tier');
  if (tier === 'auto') return undefined;
  return tier === 'standard_only' ? 'default' : tier;
}
