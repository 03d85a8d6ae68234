import { GatewayError } from '#contracts';
import type { ProviderCodec } from '../dialect-codec.ts';
import type { Exchange, ExchangeInput, ProviderDialect } from '../exchange.ts';

export type MapError = ProviderCodec['mapError'];

/** Opens an exchange that is no conversation. `mapError` is that of the provider's format. */
export type OpenOperation = (input: ExchangeInput, mapError: MapError) => Exchange;

/** What an operation does for one provider format: the parts of an exchange that differ. */
export type OperationExchange = Omit<Exchange, 'decodeError' | 'openStream'> & Partial<Pick<Exchange, 'openStream'>>;

/** Formats whose hosts take OpenAI's own operations below the same base. */
const OPENAI_HOSTS: ReadonlySet<ProviderDialect> = new Set(['openai-chat', 'openai-responses', 'mistral-chat']);

export function isOpenaiHost(dialect: ProviderDialect): boolean {
  return OPENAI_HOSTS.has(dialect);
}

export function finishExchange(exchange: OperationExchange, input: ExchangeInput, mapError: MapError): Exchange {
  const nowMs = input.createdAt * 1_000;
  return {
    openStream: () => {
      throw operationNotSupported('streaming this operation');
    },
    ...exchange,
    decodeError: (status, headers, body) => mapError({ status, headers, body, nowMs }),
  };
}

/** Another deployment may be of a provider that can. */
export function operationNotSupported(what: string): GatewayError {
  return new GatewayError('operation_not_supported', `The provider of this model does not support ${what}.`, { param: 'model' });
}

export const JSON_HEADERS: Readonly<Record<string, string>> = { 'content-type': 'application/json' };
