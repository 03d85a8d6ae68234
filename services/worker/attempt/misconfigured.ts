import { GatewayError } from '#contracts';

/** A deployment lacks a key or an address; another one may have them. `detail` is public: no secret, no internal address. */
export function misconfigured(detail: string): GatewayError {
  return new GatewayError('upstream_auth', `A deployment is not set up: ${detail}.`, { retry: 'elsewhere' });
}
