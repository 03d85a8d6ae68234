import type { IncomingHttpHeaders } from 'node:http';

/**
 * The key a client presents, from the headers LiteLLM takes it from; `x-litellm-api-key` wins. Anthropic, Azure and
 * Google SDKs each use a header of their own.
 */
const KEY_HEADERS = ['x-litellm-api-key', 'authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'ocp-apim-subscription-key'] as const;

/** `keyHeader` goes before all others: `litellm_key_header_name`. `queryKey` is the address's `?key=`, where the route takes one: a header goes before it. */
export function presentedKey(headers: IncomingHttpHeaders, queryKey?: unknown, keyHeader?: string): string | undefined {
  const own = keyHeader === undefined ? undefined : headers[keyHeader];
  if (typeof own === 'string' && own !== '') return withoutScheme(own);
  for (const name of KEY_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return withoutScheme(value);
  }
  return typeof queryKey === 'string' && queryKey !== '' ? queryKey : undefined;
}

function withoutScheme(value: string): string {
  return value.replace(/^bearer(\s|$)/i, '').trim();
}
