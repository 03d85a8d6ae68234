import type { ConversationRequest, OutputFormat } from '../conversation/request.ts';
import type { DecodedRequest, DecodeRequestOptions } from '../dialect-codec.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { createDroppedParams } from '../dropped-params.ts';
import { decodeMessages } from './decode-messages.ts';
import { decodeSampling, numberAt } from './decode-sampling.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { applicableDefaults } from './default-params.ts';
import { isGatewayField } from './gateway-fields.ts';
import { invalidField } from './invalid-field.ts';
import { asksNothing, isOpenaiOnly } from './openai-only-fields.ts';
import { unsupportedParameter } from './unsupported-parameter.ts';

/** Fields this decoder turns into parts of the conversation; all others are the gateway's, OpenAI's own, or passed on. */
const DECODED_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'service_tier',
  'stop',
  'response_format',
  'reasoning_effort',
  'thinking',
  'user',
  'safety_identifier',
  'metadata',
]);

/**
 * A chat request as a conversation, for a provider of another dialect. Fields that only OpenAI has are refused by name, or
 * dropped under `drop_params`; unknown ones travel on. Throws `GatewayError` `invalid_request`, `unsupported_parameter`.
 */
export function decodeRequest(sent: JsonRecord, options: DecodeRequestOptions): DecodedRequest {
  const dropParams = options.dropParams || sent['drop_params'] === true;
  const { dropped, refuse } = createDroppedParams(dropParams);
  const body = effectiveBody(sent, options, refuse);
  const request: ConversationRequest = {
    ...decodeMessages(body['messages']),
    tools: decodeTools(body['tools']),
    toolChoice: decodeToolChoice(body['tool_choice']),
    parallelToolCalls: typeof body['parallel_tool_calls'] === 'boolean' ? body['parallel_tool_calls'] : undefined,
    maxOutputTokens: numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens'),
    ...decodeSampling(body),
    outputFormat: decodeOutputFormat(body['response_format']),
    ...decodeThinking(body),
    endUser: stringAt(body, 'user') ?? stringAt(body, 'safety_identifier') ?? endUserOfMetadata(body['metadata']),
    serviceTier: stringAt(body, 'service_tier'),
    stream: options.stream,
    extra: collectExtra(body, refuse),
  };
  return { request, includeUsage: recordAt(body, 'stream_options')?.['include_usage'] === true, dropParams, dropped };
}

/** The client's fields and the deployment's defaults, without what this provider can't take. */
function effectiveBody(sent: JsonRecord, options: DecodeRequestOptions, refuse: (field: string) => void): JsonRecord {
  const defaults = applicableDefaults((field) => sent[field] !== undefined, options.defaultParams);
  const body: Record<string, unknown> = { ...sent, ...Object.fromEntries(defaults) };
  for (const field of options.unsupportedParams) {
    if (!asksNothing(field, body[field])) refuse(field);
    delete body[field];
  }
  return body;
}

function collectExtra(body: JsonRecord, refuse: (field: string) => void): JsonRecord {
  const extra: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(body)) {
    if (DECODED_FIELDS.has(field) || isGatewayField(field)) continue;
    if (!isOpenaiOnly(field)) extra[field] = value;
    else if (!asksNothing(field, value)) refuse(field);
  }
  return extra;
}

function decodeOutputFormat(format: unknown): OutputFormat | undefined {
  if (format === undefined || format === null) return undefined;
  if (!isRecord(format)) throw invalidField('response_format', 'must be an object');
  switch (format['type']) {
    case 'text':
      return undefined;
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const named = recordAt(format, 'json_schema');
      const schema = recordAt(named, 'schema');
      if (named === undefined || schema === undefined)
        throw invalidField('response_format.json_schema.schema', 'must be a JSON schema object');
      const strict = typeof named['strict'] === 'boolean' ? named['strict'] : undefined;
      return { type: 'json-schema', schema, name: stringAt(named, 'name'), strict };
    }
    default:
      throw unsupportedParameter('response_format');
  }
}

/** Some clients send the object of the Responses API here: `{"effort":"low","summary":"auto"}`. */
function decodeEffort(effort: unknown): string | undefined {
  const value = isRecord(effort) ? effort['effort'] : effort;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidField('reasoning_effort', 'must be a string such as "low", "medium" or "high"');
  return value;
}

/**
 * `reasoning_effort`, and Anthropic's `thinking` object as LiteLLM clients send it: its budget for models of other makers, the object
 * itself for Claude.
 */
function decodeThinking(body: JsonRecord): Pick<ConversationRequest, 'reasoningEffort' | 'reasoningBudget' | 'thinking'> {
  const effort = decodeEffort(body['reasoning_effort']);
  const thinking = body['thinking'];
  if (thinking === undefined || thinking === null) return { reasoningEffort: effort, reasoningBudget: undefined };
  if (!isRecord(thinking)) throw invalidField('thinking', 'must be an object such as {"type":"enabled","budget_tokens":2048}');
  const budget = thinking['budget_tokens'];
  const isOff = thinking['type'] === 'disabled';
  const reasoningBudget = !isOff && typeof budget === 'number' ? budget : undefined;
  return { reasoningEffort: effort ?? (isOff ? 'none' : undefined), reasoningBudget, thinking };
}

function endUserOfMetadata(metadata: unknown): string | undefined {
  return isRecord(metadata) ? stringAt(metadata, 'user_id') : undefined;
}
