import { GatewayError } from '#contracts';
import type { AddressFacts } from './read-request.ts';

type Method = 'generateContent' | 'streamGenerateContent' | 'countTokens';

/** Google's methods by their names in an address (https://ai.google.dev/api/all-methods). */
const METHODS: Readonly<Record<Method, Pick<AddressFacts, 'dialect' | 'stream'>>> = {
  generateContent: { dialect: 'gemini-generate', stream: false },
  streamGenerateContent: { dialect: 'gemini-generate', stream: true },
  countTokens: { dialect: 'gemini-count-tokens', stream: false },
};

/**
 * `{model}:{method}`, the rest of an address below `models/`; model names may hold slashes and colons. A stream comes as
 * server-sent events with `?alt=sse` and as one JSON array without, as Google has it. Throws `route_not_found`.
 */
export function readGoogleAddress(params: Readonly<Record<string, string>>, query: Readonly<Record<string, unknown>>): AddressFacts {
  const address = params['*'] ?? '';
  const colon = address.lastIndexOf(':');
  const method = address.slice(colon + 1);
  if (colon < 1 || !isMethod(method)) {
    throw new GatewayError(
      'route_not_found',
      `There is no method '${method}' of a model here: the address must end in :${Object.keys(METHODS).join(', :')}.`,
    );
  }
  return { ...METHODS[method], model: address.slice(0, colon), asArray: METHODS[method].stream === true && query['alt'] !== 'sse' };
}

function isMethod(method: string): method is Method {
  return Object.hasOwn(METHODS, method);
}
