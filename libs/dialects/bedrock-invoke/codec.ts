import { anthropicProvider } from '../anthropic-messages/codec.ts';
import { openAnthropicRelay } from '../anthropic-messages/relay-exchange.ts';
import type { Exchange, ExchangeInput } from '../exchange.ts';
import { BEDROCK_INVOKE_HOSTING } from './hosting.ts';

export const bedrockInvokeProvider = anthropicProvider(BEDROCK_INVOKE_HOSTING);

export function openBedrockInvokeRelay(input: ExchangeInput): Exchange {
  return openAnthropicRelay(input, BEDROCK_INVOKE_HOSTING);
}
