import { isIP } from 'node:net';
import type { AccessSettings } from '../settings/access-settings.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readTextList } from '../values.ts';
import { readRoutes } from './read-routes.ts';
import { readUserHeaders } from './read-user-headers.ts';
import { readHeaderName } from './read-header-name.ts';
import type { Fields } from './read-section.ts';

const KEYS = [
  'litellm_key_header_name',
  'user_header_name',
  'user_header_mappings',
  'enforce_user_param',
  'enforced_params',
  'reject_clientside_metadata_tags',
  'allowed_ips',
  'use_x_forwarded_for',
  'allowed_routes',
  'public_routes',
  'admin_only_routes',
] as const;

/** Reads what `general_settings` says of who may call what. Undefined where it says nothing: then it costs a request nothing. */
export function readAccess(general: Fields, reading: Reading): AccessSettings | undefined {
  if (KEYS.every((key) => general.get(key) === undefined)) return undefined;
  const isOn = (key: (typeof KEYS)[number]): boolean => readBoolean(general.get(key), reading) ?? false;
  return {
    keyHeader: readHeaderName(general.get('litellm_key_header_name'), reading),
    ...readUserHeaders(general.get('user_header_mappings'), general.get('user_header_name'), reading),
    enforceUser: isOn('enforce_user_param'),
    enforcedParams: readParams(general.get('enforced_params'), reading),
    refusesClientTags: isOn('reject_clientside_metadata_tags'),
    allowedIps: readAddresses(general.get('allowed_ips'), reading),
    trustsForwardedFor: isOn('use_x_forwarded_for'),
    ...readRoutes(general, reading),
  };
}

function readParams(node: SourceNode | undefined, reading: Reading): readonly string[] {
  const params = readTextList(node, reading) ?? [];
  const wrong = params.find((param) => !/^[^\s.]+(?:\.[^\s.]+)*$/.test(param));
  if (node === undefined || wrong === undefined) return params;
  reading.problem(node, `"${wrong.slice(0, 40)}" is not the name of a field`, { suggestion: 'write names like user or metadata.project' });
  return [];
}

function readAddresses(node: SourceNode | undefined, reading: Reading): readonly string[] | undefined {
  const addresses = readTextList(node, reading);
  if (node === undefined || addresses === undefined) return undefined;
  if (addresses.length === 0) {
    reading.problem(node, 'names no address: every request would be refused', { suggestion: 'remove it to let all in' });
    return undefined;
  }
  const wrong = addresses.filter((address) => !isAddress(address));
  for (const address of wrong) {
    reading.problem(node, `"${address.slice(0, 45)}" is no IP address or network`, {
      suggestion: 'write 203.0.113.7, 10.0.0.0/8, 2001:db8::1 or 2001:db8::/32',
    });
  }
  return addresses;
}

/** An address of either family, alone or with the length of its network's prefix. */
function isAddress(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0 || address.includes('%')) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
