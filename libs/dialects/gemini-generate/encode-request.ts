import type { TextPart } from '../conversation/content-part.ts';
import type { ConversationRequest } from '../conversation/request.ts';
import type { EncodeRequestOptions } from '../dialect-codec.ts';
import { recordAt, type JsonRecord } from '../json/record.ts';
import { unsupportedParameter } from '../openai-chat/unsupported-parameter.ts';
import { encodeParts } from './encode-content.ts';
import { encodeContents } from './encode-contents.ts';
import { encodeThinking } from './encode-thinking.ts';
import { encodeTools } from './encode-tools.ts';
import { splitExtra } from './generation-config.ts';
import { abilitiesOf, type ModelAbilities } from './model-generation.ts';

/**
 * A conversation as a `generateContent` request (https://ai.google.dev/api/generate-content). Unknown fields of the client are
 * members of it or of its `generationConfig`, so `safety_settings`, `cachedContent`, `labels` or `response_modalities` reach
 * the provider. Throws `GatewayError` `unsupported_parameter`.
 */
export function encodeRequest(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const abilities = abilitiesOf(options.upstreamModel);
  const extra = splitExtra(request.extra);
  const generationConfig = { ...encodeConfig(request, options), ...extra.config };
  const tools = encodeTools(request);
  const toolConfig = { ...recordAt(extra.body, 'toolConfig'), ...recordAt(tools, 'toolConfig') };
  return {
    ...extra.body,
    ...encodeTurns(request, abilities),
    ...tools,
    ...(Object.keys(toolConfig).length === 0 ? {} : { toolConfig }),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    ...encodeServiceTier(request, options),
  };
}

function encodeTurns(request: ConversationRequest, abilities: ModelAbilities): JsonRecord {
  const system: readonly TextPart[] = request.system.filter((part) => part.text !== '');
  // without a turn of the user the API refuses the request, and some models know no system text
  if (system.length > 0 && (!abilities.systemInstruction || request.messages.length === 0)) {
    return { contents: encodeContents([{ role: 'user', parts: system }, ...request.messages], abilities) };
  }
  const instruction = system.length === 0 ? {} : { systemInstruction: { parts: encodeParts(system) } };
  return { ...instruction, contents: encodeContents(request.messages, abilities) };
}

function encodeConfig(request: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  const thinkingConfig = encodeThinking(request, options);
  const config: Record<string, unknown> = {
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    frequencyPenalty: request.frequencyPenalty,
    presencePenalty: request.presencePenalty,
    seed: request.seed,
    stopSequences: request.stop.length === 0 ? undefined : request.stop,
    thinkingConfig,
    ...encodeOutputFormat(request),
  };
  for (const name of Object.keys(config)) if (config[name] === undefined) delete config[name];
  return config;
}

function encodeOutputFormat({ outputFormat }: ConversationRequest): JsonRecord {
  if (outputFormat === undefined) return {};
  const responseMimeType = 'application/json';
  return outputFormat.type === 'json' ? { responseMimeType } : { responseMimeType, responseJsonSchema: outputFormat.schema };
}

/** OpenAI's names as Google's (https://ai.google.dev/gemini-api/docs/flex-inference). `auto` is what it does anyway. */
const SERVICE_TIERS: Readonly<Record<string, string | undefined>> = {
  auto: undefined,
  default: 'standard',
  standard: 'standard',
  flex: 'flex',
  priority: 'priority',
};

function encodeServiceTier({ serviceTier }: ConversationRequest, options: EncodeRequestOptions): JsonRecord {
  if (serviceTier === undefined) return {};
  const tier = SERVICE_TIERS[serviceTier];
  if (tier === undefined && !(serviceTier in SERVICE_TIERS)) {
    if (!options.dropParams) throw unsupportedParameter('service_tier');
    options.onDrop?.('service_tier');
  }
  return tier === undefined || tier === 'standard' ? {} : { serviceTier: tier };
}
