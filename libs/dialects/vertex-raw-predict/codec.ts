import { anthropicProvider } from '../anthropic-messages/codec.ts';
import { openAnthropicRelay } from '../anthropic-messages/relay-exchange.ts';
import type { Exchange, ExchangeInput } from '../exchange.ts';
import { VERTEX_HOSTING } from './hosting.ts';

export const vertexRawPredictProvider = anthropicProvider(VERTEX_HOSTING);

export function openVertexRelay(input: ExchangeInput): Exchange {
  return openAnthropicRelay(input, VERTEX_HOSTING);
}
