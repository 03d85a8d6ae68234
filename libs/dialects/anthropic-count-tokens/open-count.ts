import { GatewayError, NO_USAGE } from '#contracts';
import { type AnthropicHosting, DIRECT_HOSTING } from '../anthropic-messages/hosting.ts';
import { openAnthropicRelay } from '../anthropic-messages/relay-exchange.ts';
import { isErrorBody } from '../anthropic-messages/relay-response.ts';
import type { DecodedAnswer, Exchange, ExchangeInput, ProviderDialect } from '../exchange.ts';
import { isRecord, parseRecord, textOf, type JsonRecord } from '../json/record.ts';
import { countTextTokens, openLocalCount, refuseStream } from '../local-count.ts';
import { measurePrompt } from './measure-prompt.ts';

/** Formats whose hosts count tokens themselves. */
const COUNTING_HOSTS: Readonly<Partial<Record<ProviderDialect, AnthropicHosting>>> = { 'anthropic-messages': DIRECT_HOSTING };
/** Formats of Claude's other hosts: its tokens are smaller than those of the encoding we count with. */
const CLAUDE_DIALECTS: ReadonlySet<ProviderDialect> = new Set(['bedrock-invoke', 'vertex-raw-predict']);
const CLAUDE_FACTOR = 1.15;
/** The system prompt that tools bring with them (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview#pricing). */
const CLAUDE_TOOL_PROMPT_TOKENS = 346;
/** Role and separators. */
const TOKENS_PER_MESSAGE = 4;

/**
 * Anthropic's `count_tokens`: asked of a provider that has it, else estimated here from the text, the tools' schemas and the size
 * of pictures. Costs nothing either way. An estimate is within a few per cent for OpenAI's models and 10 to 20 % for others.
 */
export function openCountTokens(input: ExchangeInput): Exchange {
  const hosting = COUNTING_HOSTS[input.providerDialect];
  const path = hosting?.countPath?.({ model: input.upstreamModel, stream: false });
  return hosting === undefined || path === undefined ? openLocalCount(input, estimateTokens) : openRelayedCount(input, hosting, path);
}

function openRelayedCount(input: ExchangeInput, hosting: AnthropicHosting, path: string): Exchange {
  const nowMs = input.createdAt * 1_000;
  // the deployment's defaults are for answers: their fields are refused here
  const relay = openAnthropicRelay({ ...input, defaultParams: {} }, hosting);
  return { ...relay, path, decodeAnswer: (body) => decodeCount(body, nowMs, hosting), openStream: refuseStream, isFree: true };
}

function decodeCount(body: Uint8Array, nowMs: number, hosting: AnthropicHosting): DecodedAnswer {
  const answer = parseRecord(textOf(body));
  if (answer !== undefined && isErrorBody(answer)) throw hosting.mapError({ status: undefined, headers: {}, body, nowMs });
  if (typeof answer?.['input_tokens'] === 'number') return { body, usage: NO_USAGE, finishReason: undefined };
  throw new GatewayError('upstream_invalid_response', "The provider sent an answer without 'input_tokens'.");
}

async function estimateTokens(input: ExchangeInput): Promise<JsonRecord> {
  const body: unknown = JSON.parse(textOf(input.body));
  const prompt = measurePrompt(isRecord(body) ? body : {});
  const textTokens = await countTextTokens(prompt.texts, input.countTokens);
  const isClaude = CLAUDE_DIALECTS.has(input.providerDialect);
  const toolPrompt = isClaude && prompt.hasTools ? CLAUDE_TOOL_PROMPT_TOKENS : 0;
  const overhead = prompt.messages * TOKENS_PER_MESSAGE + toolPrompt + prompt.mediaTokens;
  return { input_tokens: Math.ceil(textTokens * (isClaude ? CLAUDE_FACTOR : 1)) + overhead };
}
