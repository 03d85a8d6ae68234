import { GatewayError, NO_USAGE } from '#contracts';
import type { DecodedAnswer, Exchange, ExchangeInput } from '../exchange.ts';
import { checkContents } from '../gemini-generate/validate-request.ts';
import { methodPath } from '../gemini-generate/model-path.ts';
import { openRelayExchange } from '../gemini-generate/relay-exchange.ts';
import { isRecord, parseRecord, recordAt, textOf, type JsonRecord } from '../json/record.ts';
import { viewObject } from '../json/splice-members.ts';
import { countTextTokens, openLocalCount, refuseStream } from '../local-count.ts';
import { checkModel } from '../openai-chat/validate-request.ts';
import type { MapError } from '../operations/operation.ts';
import { countedRequest, measurePrompt } from './measure-prompt.ts';

/** Role and separators. */
const TOKENS_PER_CONTENT = 4;
/** A small picture or a page (https://ai.google.dev/gemini-api/docs/tokens#multimodal-tokens). */
const TOKENS_PER_MEDIUM = 258;
/** Spellings of the member that holds a whole request. */
const INNER_FIELDS = ['generateContentRequest', 'generate_content_request'] as const;

/**
 * Google's `countTokens` (https://ai.google.dev/api/tokens): asked of a provider that has it, else estimated here from the text and
 * the tools' schemas. Costs nothing either way. An estimate is within a few per cent for OpenAI's models, 10 to 20 % for others.
 */
export function openCountTokens(input: ExchangeInput, mapError: MapError): Exchange {
  return input.providerDialect === 'gemini-generate' ? openRelayedCount(input, mapError) : openLocalCount(input, estimateTokens);
}

/** Structural checks; `model` was read off the address. Throws `GatewayError` `invalid_request`. */
export function validateCount(body: JsonRecord): void {
  checkModel(body['model']);
  checkContents(countedRequest(body)['contents']);
}

function openRelayedCount(input: ExchangeInput, mapError: MapError): Exchange {
  const nowMs = input.createdAt * 1_000;
  // the deployment's defaults are for answers: their fields are refused here
  const relay = openRelayExchange({ ...input, stream: false, defaultParams: {} });
  return {
    ...relay,
    path: methodPath(input.upstreamModel, 'countTokens'),
    body: withModel(relay.body, input.upstreamModel),
    decodeAnswer: (body) => decodeCount(body, nowMs, mapError),
    openStream: refuseStream,
    isFree: true,
  };
}

/** A whole request inside the body names its model a second time. */
function withModel(body: Uint8Array, model: string): Uint8Array {
  const view = viewObject(body);
  const field = INNER_FIELDS.find((name) => view.has(name));
  const inner = field === undefined ? undefined : view.raw(field);
  if (field === undefined || inner === undefined || !isRecord(view.value(field))) return body;
  const named = viewObject(inner).splice(new Map([['model', JSON.stringify(`models/${model}`)]]));
  return view.splice(new Map([[field, named]]));
}

function decodeCount(body: Uint8Array, nowMs: number, mapError: MapError): DecodedAnswer {
  const answer = parseRecord(textOf(body));
  if (recordAt(answer, 'error') !== undefined) throw mapError({ status: undefined, headers: {}, body, nowMs });
  if (typeof answer?.['totalTokens'] === 'number') return { body, usage: NO_USAGE, finishReason: undefined };
  throw new GatewayError('upstream_invalid_response', "The provider sent an answer without 'totalTokens'.");
}

async function estimateTokens({ body, countTokens }: ExchangeInput): Promise<JsonRecord> {
  const prompt = measurePrompt(countedRequest(parseRecord(textOf(body)) ?? {}));
  const textTokens = await countTextTokens(prompt.texts, countTokens);
  return { totalTokens: textTokens + prompt.contents * TOKENS_PER_CONTENT + prompt.media * TOKENS_PER_MEDIUM };
}
