import { isIP } from 'node:net';
import { GatewayError } from '#contracts';
import { isPublicAddress } from './public-address.ts';

export interface AddressRules {
  /** Host names and IP addresses that may be private: the operator's own file servers. */
  readonly allowedHosts: readonly string[];
  /** All IP addresses of a host name. Rejects when there are none. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
}

/** A checked address: the connection goes to `ip`, whatever the name would resolve to a moment later. */
export interface CheckedAddress {
  readonly url: URL;
  readonly ip: string;
}

/**
 * Checks an address a client gave. All of a host's IP addresses must be public, so that none can be reached by trying again. Throws
 * `GatewayError` `invalid_request`; its text never says what a name resolved to.
 */
export async function checkAddress(address: string, param: string | undefined, rules: AddressRules): Promise<CheckedAddress> {
  if (!URL.canParse(address)) throw refused('is not a valid URL', param);
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('must be an http or https URL', param);
  if (url.username !== '' || url.password !== '') throw refused('must not hold credentials', param);
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const ips = isIP(host) === 0 ? await resolveHost(host, param, rules) : [host];
  const isAllowed = rules.allowedHosts.includes(host);
  const [ip] = ips;
  if (ip === undefined) throw refused('could not be fetched: its host name is not known', param);
  if (!isAllowed && !ips.every(isPublicAddress)) throw refused('could not be fetched: its host is not on the public internet', param);
  return { url, ip };
}

async function resolveHost(host: string, param: string | undefined, { resolve }: AddressRules): Promise<readonly string[]> {
  try {
    return await resolve(host);
  } catch (cause) {
    throw refused('could not be fetched: its host name is not known', param, cause);
  }
}

/** An error about one file of the request, which no other provider would save the client from. */
export function refused(why: string, param: string | undefined, cause?: unknown): GatewayError {
  const what = param === undefined ? 'The file to fetch' : `The file at '${param}'`;
  return new GatewayError('invalid_request', `${what} ${why}.`, { param, retry: 'never', cause });
}
