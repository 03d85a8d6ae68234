import type { ConversationRequest } from '../conversation/request.ts';
import { OPTIONAL_PARAMS, type DecodedRequest, type DecodeRequestOptions } from '../dialect-codec.ts';
import { isRecord, recordAt, stringAt, type JsonRecord } from '../json/record.ts';
import { decodeRequest as decodeChatRequest } from '../openai-chat/decode-request.ts';
import { isGatewayField } from '../openai-chat/gateway-fields.ts';
import { camelCase, camelMembers } from './camel-case.ts';
import { decodeContents, decodeSystem } from './decode-contents.ts';
import { createDroppedParams, type DroppedParams } from '../dropped-params.ts';
import { decodeGenerationConfig } from './decode-generation-config.ts';
import { decodeTools } from './decode-tools.ts';

const DECODED_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
  'metadata',
  'user',
  'stream',
]);
/** Fields of Google's that mean nothing elsewhere. */
const GOOGLE_ONLY: ReadonlySet<string> = new Set([
  'safetySettings',
  'cachedContent',
  'labels',
  'modelArmorConfig',
  'store',
  'continuationToken',
]);
/** Filters switched off are what other providers have anyway. */
const NO_FILTER: ReadonlySet<unknown> = new Set(['OFF', 'BLOCK_NONE']);

/**
 * A `generateContent` request as a conversation, for a provider of another dialect. Fields that only Google has are refused by
 * name, or dropped under `drop_params`; unknown ones travel on. Throws `GatewayError` `invalid_request`, `unsupported_parameter`.
 */
export function decodeRequest(sent: JsonRecord, options: DecodeRequestOptions): DecodedRequest {
  const dropParams = options.dropParams || sent['drop_params'] === true;
  const context = createDroppedParams(dropParams);
  const body = camelMembers(sent);
  const own: ConversationRequest = {
    system: decodeSystem(body['systemInstruction'], 'systemInstruction'),
    messages: decodeContents(body['contents'], context),
    ...decodeTools(body['tools'], recordAt(body, 'toolConfig'), context),
    ...decodeGenerationConfig(recordAt(body, 'generationConfig'), context),
    parallelToolCalls: undefined,
    endUser: stringAt(body, 'user'),
    serviceTier: tierOf(stringAt(body, 'serviceTier')),
    stream: options.stream,
    extra: collectExtra(sent, context),
  };
  return { request: withDefaults(own, options), includeUsage: true, dropParams, dropped: context.dropped };
}

function tierOf(tier: string | undefined): string | undefined {
  if (tier === undefined || tier.toLowerCase() === 'unspecified') return undefined;
  return tier.toLowerCase() === 'standard' ? 'default' : tier.toLowerCase();
}

function collectExtra(sent: JsonRecord, context: DroppedParams): JsonRecord {
  const extra: Record<string, unknown> = {};
  const named = camelMembers(sent);
  for (const [field, value] of Object.entries(named)) if (GOOGLE_ONLY.has(field) && !asksNothing(field, value)) context.refuse(field);
  for (const [field, value] of Object.entries(sent)) {
    const name = camelCase(field);
    if (!DECODED_FIELDS.has(name) && !GOOGLE_ONLY.has(name) && !isGatewayField(field)) extra[field] = value;
  }
  return extra;
}

function asksNothing(field: string, value: unknown): boolean {
  if (value === null || value === false || value === '') return true;
  if (field === 'safetySettings')
    return Array.isArray(value) && value.every((entry) => isRecord(entry) && NO_FILTER.has(entry['threshold']));
  return isRecord(value) && Object.keys(value).length === 0;
}

/** The deployment's defaults are in OpenAI's names: read as a chat request without messages, they are parts of the same conversation. */
function withDefaults(own: ConversationRequest, options: DecodeRequestOptions): ConversationRequest {
  if (Object.keys(options.defaultParams).length === 0) return own;
  const { request: defaults } = decodeChatRequest({ messages: [] }, { ...options, dropParams: true, unsupportedParams: [] });
  const merged: Record<string, unknown> = { ...own };
  for (const param of [...OPTIONAL_PARAMS, 'maxOutputTokens', 'toolChoice', 'endUser'] as const) {
    const value = own[param];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) merged[param] = defaults[param];
  }
  // one of the two says how much to think: the client's own
  if (own.reasoningBudget !== undefined) merged['reasoningEffort'] = undefined;
  return { ...own, ...merged, extra: { ...defaults.extra, ...own.extra } };
}
