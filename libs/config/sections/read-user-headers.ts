import type { AccessSettings } from '../settings/access-settings.ts';
import { USER_HEADER_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readHeaderName } from './read-header-name.ts';
import { readChoice } from './read-choice.ts';
import { readSection } from './read-section.ts';

const ROLES = ['customer', 'internal_user'] as const;

interface Mapping {
  readonly header: string;
  readonly role: (typeof ROLES)[number];
}

/** `user_header_mappings`, one or a list, and the older `user_header_name`, which stands behind them. */
export function readUserHeaders(
  mappings: SourceNode | undefined,
  single: SourceNode | undefined,
  reading: Reading,
): Pick<AccessSettings, 'endUserHeaders' | 'userHeader'> {
  const nodes = mappings === undefined || mappings.kind === 'null' ? [] : mappings.kind === 'list' ? mappings.items() : [mappings];
  const read = nodes.flatMap((node) => readMapping(node, reading) ?? []);
  const users = read.filter(({ role }) => role === 'internal_user');
  if (mappings !== undefined && users.length > 1) {
    reading.problem(mappings, 'names more than one header for internal_user', { suggestion: 'leave one of them' });
  }
  const own = readHeaderName(single, reading);
  return {
    endUserHeaders: [...read.filter(({ role }) => role === 'customer').map(({ header }) => header), ...(own === undefined ? [] : [own])],
    userHeader: users[0]?.header,
  };
}

function readMapping(node: SourceNode, reading: Reading): Mapping | undefined {
  const fields = readSection([node], USER_HEADER_KEYS, reading);
  if (node.kind !== 'map') return undefined;
  const header = readHeaderName(fields.get('header_name'), reading);
  const role = readChoice(fields.get('litellm_user_role'), { choices: ROLES, what: 'role of a header' }, reading);
  for (const key of USER_HEADER_KEYS.supported) {
    if (fields.get(key) === undefined) reading.problem(node, `${key} is missing`, { suggestion: `add "${key}:"` });
  }
  return header === undefined || role === undefined ? undefined : { header, role };
}
