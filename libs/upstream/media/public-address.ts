import ipaddr from 'ipaddr.js';

/** Azure's host agent: inside a virtual machine it answers at this address, which is in a public range. */
const AZURE_HOST_AGENT = '168.63.129.16';
/** All global unicast addresses of IPv6 are here (RFC 4291, section 2.4); what lies outside tunnels to or stands for something else. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP address is one of the public internet: none of loopback, private, link-local (where clouds keep their metadata),
 * carrier-grade NAT, multicast, reserved, nor an IPv6 form of an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || address === AZURE_HOST_AGENT) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST);
}
