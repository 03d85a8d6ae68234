import { BlockList, isIP } from 'node:net';

/** What is known of where a request comes from. */
export interface RequestOrigin {
  /** Of the connection. */
  readonly remoteAddress: string | undefined;
  /** `X-Forwarded-For`, where it is to be believed. */
  readonly forwardedFor: string | string[] | undefined;
}

/**
 * The client's address: the last of `X-Forwarded-For`, which the proxy in front of the gateway wrote itself (what stands before it, the
 * client may have written), else that of the connection. Undefined for what is no address.
 */
export function clientAddress({ remoteAddress, forwardedFor }: RequestOrigin): string | undefined {
  const list = Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor;
  const text = list === undefined ? remoteAddress : list.slice(list.lastIndexOf(',') + 1).trim();
  return text === undefined ? undefined : plainAddress(text);
}

/** Some proxies write ports, and brackets around addresses of version 6; zones belong to the machine. */
function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const [address = ''] = bare.split('%');
  return isIP(address) === 0 ? undefined : address;
}

/** Tests addresses against a list of addresses and networks, as the configuration has checked them. IPv4 in IPv6's clothes is IPv4. */
export function addressFilter(allowed: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of allowed) {
    const [address = '', prefix] = entry.split('/');
    const family = familyOf(address);
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
