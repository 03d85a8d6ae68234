import { GatewayError } from '#contracts';
import { openContinuable } from './continuation/open-continuable.ts';
import type { Exchange, ExchangeInput } from './exchange.ts';
import { mapError } from './openai-chat/map-error.ts';
import { CLIENTS, OPERATIONS, PROVIDERS, RELAYS } from './registry.ts';
import { openTranslatedExchange } from './translate-exchange.ts';

/**
 * Prepares one exchange: the provider's request now, its answer later. Throws `GatewayError` for a request the provider's
 * dialect can't express (`unsupported_parameter`) or that can't be read (`invalid_request`, `invalid_json`).
 */
export function openExchange(input: ExchangeInput): Exchange {
  const codecs = { client: CLIENTS[input.clientDialect as keyof typeof CLIENTS], provider: PROVIDERS[input.providerDialect] };
  const continuable = input.continuation === undefined ? undefined : openContinuable(input, codecs, openPlain);
  if (continuable === undefined && input.continuation?.sent !== undefined) {
    throw new GatewayError('operation_not_supported', 'This deployment can’t go on with an answer that another one began.');
  }
  return continuable ?? openPlain(input);
}

function openPlain(input: ExchangeInput): Exchange {
  const { clientDialect, providerDialect } = input;
  const relay = RELAYS[clientDialect]?.[providerDialect];
  if (relay !== undefined) return relay(input);
  const operation = OPERATIONS[clientDialect as keyof typeof OPERATIONS];
  if (operation !== undefined) return operation(input, PROVIDERS[providerDialect]?.mapError ?? mapError);
  const client = CLIENTS[clientDialect as keyof typeof CLIENTS];
  const provider = PROVIDERS[providerDialect];
  if (client === undefined || provider === undefined) {
    throw new GatewayError('internal_error', `No translation from ${clientDialect} to ${providerDialect}.`);
  }
  return openTranslatedExchange(input, client, provider);
}
