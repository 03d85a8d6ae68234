import { GatewayError, NO_USAGE } from '#contracts';
import type { Exchange, ExchangeInput } from './exchange.ts';
import type { JsonRecord } from './json/record.ts';

const CHARS_PER_TOKEN = 4;

/** A token count that is answered here, without a provider and for nothing: `estimate` makes the client's answer. */
export function openLocalCount(input: ExchangeInput, estimate: (input: ExchangeInput) => Promise<JsonRecord>): Exchange {
  return {
    path: '',
    headers: {},
    body: input.body,
    decodeAnswer: refuseStream,
    decodeError: refuseStream,
    openStream: refuseStream,
    isFree: true,
    local: async () => ({ body: Buffer.from(JSON.stringify(await estimate(input))), usage: NO_USAGE, finishReason: undefined }),
  };
}

/** By the caller's tokenizer, else by length. */
export async function countTextTokens(texts: readonly string[], countTokens: ExchangeInput['countTokens']): Promise<number> {
  const text = texts.join('\n');
  return (await countTokens?.(text)) ?? Math.ceil(text.length / CHARS_PER_TOKEN);
}

export function refuseStream(): never {
  throw new GatewayError('internal_error', 'A token count is no stream and has no provider to answer it.');
}
