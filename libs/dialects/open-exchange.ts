import { GatewayError, type ClientDialect } from '#contracts';
import { anthropicMessagesProvider } from './anthropic-messages/codec.ts';
import type { ClientCodec, ProviderCodec } from './dialect-codec.ts';
import type { Exchange, ExchangeInput, ProviderDialect } from './exchange.ts';
import { openaiChatClient } from './openai-chat/codec.ts';
import { openRelayExchange } from './openai-chat/relay-exchange.ts';
import { openTranslatedExchange } from './translate-exchange.ts';

/** Dialects that may stand on both sides pass bytes through. */
const RELAYS: Readonly<Partial<Record<ProviderDialect, (input: ExchangeInput) => Exchange>>> = { 'openai-chat': openRelayExchange };
const CLIENTS: Readonly<Record<ClientDialect, ClientCodec>> = { 'openai-chat': openaiChatClient };
/** `openai-chat` needs no codec as a provider until there is a second client dialect. */
const PROVIDERS: Readonly<Partial<Record<ProviderDialect, ProviderCodec>>> = { 'anthropic-messages': anthropicMessagesProvider };

/**
 * Prepares one exchange: the provider's request now, its answer later. Throws `GatewayError` for a request the provider's
 * dialect can't express (`unsupported_parameter`) or that can't be read (`invalid_request`, `invalid_json`).
 */
export function openExchange(input: ExchangeInput): Exchange {
  const relay = input.clientDialect === input.providerDialect ? RELAYS[input.providerDialect] : undefined;
  if (relay !== undefined) return relay(input);
  const provider = PROVIDERS[input.providerDialect];
  if (provider === undefined) {
    throw new GatewayError('internal_error', `No translation from ${input.clientDialect} to ${input.providerDialect}.`);
  }
  return openTranslatedExchange(input, CLIENTS[input.clientDialect], provider);
}
