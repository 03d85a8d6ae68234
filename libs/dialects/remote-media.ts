import type { ExchangeInput } from './exchange.ts';
import { addressToFetch } from './place-media.ts';
import { CLIENTS, PROVIDERS, RELAYS } from './registry.ts';
import { decodeForTranslation } from './translate-exchange.ts';

/** A picture or document that a provider takes as bytes only, and the client gave by address. */
export interface RemoteMedia {
  readonly url: string;
  /** Its place in the client's request, for errors. */
  readonly param: string | undefined;
}

/** How a JSON string that is an address begins. */
const ADDRESS_MARK = '"http';
const NONE: readonly RemoteMedia[] = [];

/**
 * What must be fetched before `openExchange`, to be given to it as `fetchedMedia`. Nearly always nothing, and then it costs one
 * search over the body at most. Throws like `openExchange` for a request that can't be read.
 */
export function remoteMediaOf(input: ExchangeInput): readonly RemoteMedia[] {
  const { clientDialect, providerDialect, body } = input;
  if (RELAYS[clientDialect]?.[providerDialect] !== undefined) return NONE;
  const client = CLIENTS[clientDialect as keyof typeof CLIENTS];
  const provider = PROVIDERS[providerDialect];
  if (client === undefined || provider === undefined || provider.takesMediaUrls === true) return NONE;
  if (!Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(ADDRESS_MARK)) return NONE;
  const { request } = decodeForTranslation(input, client);
  const found = new Map<string, RemoteMedia>();
  for (const part of request.messages.flatMap(({ parts }) => parts)) {
    const url = addressToFetch(part, provider);
    if (url !== undefined && part.type === 'media') found.set(url, { url, param: part.at });
  }
  return [...found.values()];
}
