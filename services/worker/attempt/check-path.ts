import { GatewayError } from '#contracts';

/** One or two dots, however they are written: a URL parser goes up or stays for each of these. */
const DOT_SEGMENT = /(?:^|[/\\])(?:\.|%2e){1,2}(?=[/\\?#]|$)/i;

/**
 * The path as it is. Throws `GatewayError` `invalid_request` for one that goes up: clients may name models of a provider
 * (`model_name: "openai/*"`), some providers have the model in their paths, and a name must not lead elsewhere with the provider's key.
 */
export function checkPath(path: string): string {
  if (!DOT_SEGMENT.test(path)) return path;
  throw new GatewayError('invalid_request', 'The model name is not one that a provider could have.', { param: 'model' });
}
