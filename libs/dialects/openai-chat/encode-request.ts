import { createHash } from 'node:crypto';
import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import type { DialectQuirks } from '../exchange.ts';
import { isRecord, type JsonRecord } from '../json/record.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeTools, strictness } from './encode-tools.ts';
import { asksNothing } from './openai-only-fields.ts';
import { thinkingFields, unsupportedBy } from './thinking-format.ts';
import { unsupportedParameter } from './unsupported-parameter.ts';

/** OpenAI refuses longer end-user ids. */
const LONGEST_USER = 64;
/** A schema must have a name; not every client's format has one. */
const NAMELESS_SCHEMA = 'answer';
/** JSON mode is refused for a conversation that does not mention it (https://platform.openai.com/docs/guides/structured-outputs). */
const JSON_INSTRUCTION = 'Answer with one valid JSON object.';

/**
 * A conversation as a chat request (https://platform.openai.com/docs/api-reference/chat/create), as the host of these quirks takes
 * it. Unknown fields of the client are members of it. Throws `GatewayError` `unsupported_parameter`.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const { quirks } = options;
  const thinking = thinkingFields({ effort: request.reasoningEffort, budget: request.reasoningBudget }, quirks, options.upstreamModel);
  const body: Record<string, unknown> = {
    ...request.extra,
    ...thinking,
    model: options.upstreamModel,
    messages: encodeMessages(withJsonInstruction(request), quirks),
    ...encodeTools(request, options),
    [quirks.maxTokensField ?? 'max_tokens']: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    seed: request.seed,
    stop: request.stop.length === 0 ? undefined : request.stop,
    response_format: encodeOutputFormat(request, quirks),
    user: encodeUser(request.endUser, quirks),
    service_tier: request.serviceTier,
    stream: request.stream ? true : undefined,
    stream_options: request.stream && quirks.streamUsage !== false ? { include_usage: true } : undefined,
  };
  mergeTemplateArguments(body, request.extra['chat_template_kwargs'], thinking['chat_template_kwargs']);
  refuseUnsupported(body, options);
  return renamed(body, quirks);
}

function encodeOutputFormat({ outputFormat }: ConversationRequest, quirks: DialectQuirks): JsonRecord | undefined {
  if (outputFormat === undefined) return undefined;
  if (outputFormat.type === 'json') return { type: 'json_object' };
  const { name = NAMELESS_SCHEMA, schema, strict } = outputFormat;
  return { type: 'json_schema', json_schema: { name, schema, ...strictness(strict, quirks) } };
}

function withJsonInstruction(request: ConversationRequest): ConversationRequest {
  const { outputFormat, system, messages } = request;
  if (outputFormat?.type !== 'json' || /json/i.test(JSON.stringify([system, messages]))) return request;
  return { ...request, system: [...system, { type: 'text', text: JSON_INSTRUCTION }] };
}

/** An opaque id: a long one (Claude Code's holds three ids) is as good hashed. A hint that a host refuses is left out. */
function encodeUser(endUser: string | undefined, quirks: DialectQuirks): string | undefined {
  if (endUser === undefined || quirks.unsupportedParams?.includes('user')) return undefined;
  return endUser.length > LONGEST_USER ? createHash('sha256').update(endUser).digest('hex') : endUser;
}

function mergeTemplateArguments(body: Record<string, unknown>, own: unknown, ours: unknown): void {
  if (isRecord(own) && isRecord(ours)) body['chat_template_kwargs'] = { ...ours, ...own };
}

/** What has a neutral name was refused by the client's name for it before; this is for the rest (`tools`, unknown fields). */
function refuseUnsupported(body: Record<string, unknown>, { quirks, dropParams, onDrop }: EncodeRequestOptions): void {
  for (const field of unsupportedBy(quirks)) {
    if (!asksNothing(field, body[field])) {
      if (!dropParams) throw unsupportedParameter(field);
      onDrop?.(field);
    }
    delete body[field];
  }
}

function renamed(body: Record<string, unknown>, { renamedParams }: DialectQuirks): JsonRecord {
  for (const [from, to] of Object.entries(renamedParams ?? {})) {
    if (body[from] !== undefined) body[to] ??= body[from];
    delete body[from];
  }
  return body;
}
