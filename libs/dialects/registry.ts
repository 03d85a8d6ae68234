import type { ChatDialect, ClientDialect, OperationDialect } from '#contracts';
import { anthropicMessagesProvider } from './anthropic-messages/codec.ts';
import type { ClientCodec, ProviderCodec } from './dialect-codec.ts';
import type { Exchange, ExchangeInput, ProviderDialect } from './exchange.ts';
import { openaiChatClient } from './openai-chat/codec.ts';
import { openRelayExchange } from './openai-chat/relay-exchange.ts';

type OpenExchange = (input: ExchangeInput) => Exchange;

/** Client formats that a conversation can be read from and written to. */
export const CLIENTS: Readonly<Partial<Record<ChatDialect, ClientCodec>>> = { 'openai-chat': openaiChatClient };

/** Provider formats that a conversation can be written to and read from. */
export const PROVIDERS: Readonly<Partial<Record<ProviderDialect, ProviderCodec>>> = { 'anthropic-messages': anthropicMessagesProvider };

/** Pairs of the same format on both sides, where bytes pass through: by client, then by provider. */
export const RELAYS: Readonly<Partial<Record<ClientDialect, Partial<Record<ProviderDialect, OpenExchange>>>>> = {
  'openai-chat': { 'openai-chat': openRelayExchange },
};

/** What is no conversation: each decides itself what it does for a provider's format. */
export const OPERATIONS: Readonly<Partial<Record<OperationDialect, OpenExchange>>> = {};
