import type { DecodedRequest, DecodeRequestOptions } from '../dialect-codec.ts';
import { decodeRequest } from './decode-request.ts';

const OPTIONS: DecodeRequestOptions = { stream: false, dropParams: false, defaultParams: {}, unsupportedParams: [] };

/** A Messages request with these fields, as the conversation it is read as. */
export function decode(fields: object, options: Partial<DecodeRequestOptions> = {}): DecodedRequest {
  const request = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }], ...fields };
  return decodeRequest(request, { ...OPTIONS, ...options });
}
