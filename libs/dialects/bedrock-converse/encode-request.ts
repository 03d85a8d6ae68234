import type { ConversationRequest } from '../conversation/request.ts';
import { isAcceptedBeta } from '../bedrock-invoke/accepted-betas.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import { isRecord, recordAt, type JsonRecord } from '../json/record.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { encodeParts } from './encode-content.ts';
import { encodeMessages, type ConverseTurn } from './encode-messages.ts';
import { planReasoning, type ReasoningPlan } from './encode-reasoning.ts';
import { encodeTools } from './encode-tools.ts';
import { familyOf, schemaWayOf, type ModelFamily } from './model-family.ts';

/** What a thinking Claude may answer beside its budget when the client set no limit. */
const DEFAULT_ANSWER_TOKENS = 4_096;
/** OpenAI counts temperature to 2, the models here to 1. */
const MAX_TEMPERATURE = 1;
const JSON_INSTRUCTION = 'Answer with one valid JSON object and nothing else: no prose before or after it and no code fence.';

/** Members of Converse's own that a client may write beside its format's; all other unknown ones are the model's. */
const OWN_MEMBERS: ReadonlySet<string> = new Set([
  'guardrailConfig',
  'performanceConfig',
  'requestMetadata',
  'promptVariables',
  'additionalModelResponseFieldPaths',
  'serviceTier',
  'outputConfig',
]);
const MERGED_MEMBERS: ReadonlySet<string> = new Set(['inferenceConfig', 'additionalModelRequestFields']);

/**
 * A conversation as a Converse request (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html); the model is in
 * the address. Throws `GatewayError` `unsupported_parameter`, `invalid_request`.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const model = options.upstreamModel;
  const family = familyOf(model);
  const reasoning = reasoningOf(request, options, family);
  const way = wayOf(request, model, reasoning);
  const answerSchema = way === 'tool' ? request.outputFormat : undefined;
  const { toolConfig, fields: toolFields } = encodeTools(request, { model, family, answerSchema });
  const { system, turns } = encodeTurns(request, family, way === 'words');
  const inferenceConfig = encodeInference(request, reasoning, options);
  const fields = mergeFields([
    ownFields(request.extra),
    topK(request, family, reasoning, options),
    reasoning.fields,
    toolFields,
    betas(options, family),
  ]);
  return {
    ...ownMembers(request.extra),
    ...(system.length === 0 ? {} : { system }),
    messages: turns,
    ...(Object.keys(inferenceConfig).length === 0 ? {} : { inferenceConfig }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(Object.keys(fields).length === 0 ? {} : { additionalModelRequestFields: fields }),
    ...(way === 'format' ? encodeFormat(request) : {}),
    ...encodeEndUser(request),
    ...encodeServiceTier(request),
  };
}

function reasoningOf(request: ConversationRequest, options: EncodeRequestOptions, family: ModelFamily): ReasoningPlan {
  const plan = planReasoning(request, options.upstreamModel, family);
  if (plan !== undefined) return plan;
  if (!options.dropParams) throw unsupportedParameter('reasoning_effort');
  options.onDrop?.('reasoning_effort');
  return { fields: {}, isThinking: false, budgetTokens: 0 };
}

/** JSON without a schema has no mode of its own, and a thinking Claude can't be forced to a tool: both are asked in words. */
function wayOf(request: ConversationRequest, model: string, reasoning: ReasoningPlan): 'format' | 'tool' | 'words' | undefined {
  if (request.outputFormat === undefined) return undefined;
  if (request.outputFormat.type === 'json') return 'words';
  const way = schemaWayOf(model);
  return way === 'tool' && reasoning.isThinking ? 'words' : way;
}

function encodeTurns(
  request: ConversationRequest,
  family: ModelFamily,
  asksInWords: boolean,
): { system: readonly JsonRecord[]; turns: readonly ConverseTurn[] } {
  const system = encodeParts(request.system, new Set());
  const turns = encodeMessages(request.messages, family);
  if (asksInWords) system.push({ text: instruction(request) });
  if (turns.length > 0 || system.length === 0) return { system, turns };
  // a conversation needs a user turn: a request of nothing but system text asks it as one
  return { system: [], turns: [{ role: 'user', content: system }] };
}

function instruction({ outputFormat }: ConversationRequest): string {
  if (outputFormat?.type !== 'json-schema') return JSON_INSTRUCTION;
  return `${JSON_INSTRUCTION} It must match this JSON schema: ${JSON.stringify(outputFormat.schema)}`;
}

function encodeInference(request: ConversationRequest, reasoning: ReasoningPlan, options: EncodeRequestOptions): JsonRecord {
  const budgeted = reasoning.budgetTokens > 0 ? DEFAULT_ANSWER_TOKENS + reasoning.budgetTokens : undefined;
  const maxTokens = request.maxOutputTokens ?? budgeted;
  const samples = !dropsSampling(reasoning, options);
  return {
    ...recordAt(request.extra, 'inferenceConfig'),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(samples && request.temperature !== undefined ? { temperature: Math.min(request.temperature, MAX_TEMPERATURE) } : {}),
    ...(samples && request.topP !== undefined ? { topP: request.topP } : {}),
    ...(request.stop.length === 0 ? {} : { stopSequences: request.stop }),
  };
}

/** A thinking Claude refuses them: the provider says so, unless the caller prefers them dropped. */
function dropsSampling(reasoning: ReasoningPlan, options: EncodeRequestOptions): boolean {
  return options.dropParams && reasoning.isThinking;
}

/** Converse has no place for it, most makers have: each another. */
function topK(request: ConversationRequest, family: ModelFamily, reasoning: ReasoningPlan, options: EncodeRequestOptions): JsonRecord {
  if (request.topK === undefined || dropsSampling(reasoning, options)) return {};
  return family === 'nova' ? { inferenceConfig: { topK: request.topK } } : { top_k: request.topK };
}

/** Betas of Claude are named in its own fields here, not in a header. They change nothing by themselves, so that unknown ones are left out. */
function betas(options: EncodeRequestOptions, family: ModelFamily): JsonRecord {
  const header = family === 'claude' ? (options.clientHeaders?.['anthropic-beta'] ?? '') : '';
  const named = header.split(',').map((beta) => beta.trim());
  const taken = named.filter(isAcceptedBeta);
  for (const beta of named) if (beta !== '' && !isAcceptedBeta(beta)) options.onDrop?.(`anthropic-beta: ${beta}`);
  return taken.length === 0 ? {} : { anthropic_beta: taken };
}

function ownMembers(extra: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(extra).filter(([name]) => OWN_MEMBERS.has(name)));
}

function ownFields(extra: JsonRecord): JsonRecord {
  const unknown = Object.entries(extra).filter(([name]) => !OWN_MEMBERS.has(name) && !MERGED_MEMBERS.has(name));
  return { ...Object.fromEntries(unknown), ...recordAt(extra, 'additionalModelRequestFields') };
}

/** Earlier ones, the client's own, count more; objects are joined. */
function mergeFields(list: readonly JsonRecord[]): JsonRecord {
  const merged: Record<string, unknown> = {};
  for (const fields of list) {
    for (const [name, value] of Object.entries(fields)) {
      const known = merged[name];
      merged[name] = known === undefined ? value : isRecord(known) && isRecord(value) ? { ...value, ...known } : known;
    }
  }
  return merged;
}

function encodeFormat({ outputFormat, extra }: ConversationRequest): JsonRecord {
  if (outputFormat?.type !== 'json-schema') return {};
  const jsonSchema = {
    schema: JSON.stringify(outputFormat.schema),
    ...(outputFormat.name === undefined ? {} : { name: outputFormat.name }),
  };
  return { outputConfig: { ...recordAt(extra, 'outputConfig'), textFormat: { type: 'json_schema', structure: { jsonSchema } } } };
}

const METADATA_CHARS = 256;

/** Into the request's metadata, which Bedrock's invocation log shows; its alphabet is small. */
function encodeEndUser({ endUser, extra }: ConversationRequest): JsonRecord {
  if (endUser === undefined) return {};
  const user = endUser.replaceAll(/[^a-zA-Z0-9\s:_@$#=/+,.-]/g, '_').slice(0, METADATA_CHARS);
  return { requestMetadata: { user, ...recordAt(extra, 'requestMetadata') } };
}

/** `auto` is what happens anyway; `standard_only` is Anthropic's word for the default. A tier that Bedrock does not have it refuses. */
function encodeServiceTier({ serviceTier }: ConversationRequest): JsonRecord {
  if (serviceTier === undefined || serviceTier === 'auto') return {};
  return { serviceTier: { type: serviceTier === 'standard_only' ? 'default' : serviceTier } };
}
