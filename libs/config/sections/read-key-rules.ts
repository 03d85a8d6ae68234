import type { KeyRules } from '../settings/budget-settings.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readText, readTextList } from '../values.ts';
import { createRecord } from './read-fallbacks.ts';
import { type Fields, readEntries } from './read-section.ts';

const AMOUNTS: Readonly<Record<string, { readonly unit: string; readonly integer: boolean }>> = {
  max_budget: { unit: 'US dollars', integer: false },
  max_parallel_requests: { unit: 'requests', integer: true },
  tpm_limit: { unit: 'tokens', integer: true },
  rpm_limit: { unit: 'requests', integer: true },
};
const LENGTHS: readonly string[] = ['duration', 'budget_duration'];

/** What new virtual keys get and may have: `default_key_generate_params`, `upperbound_key_generate_params`, `token_rate_limit_type`. */
export function readKeyRules(litellm: Fields, general: Fields, reading: Reading): KeyRules {
  return {
    defaults: readParams(litellm.get('default_key_generate_params'), true, reading),
    upperBounds: readBounds(litellm.get('upperbound_key_generate_params'), reading),
    tokenLimitType: readTokenType(general.get('token_rate_limit_type'), reading),
  };
}

function readBounds(node: SourceNode | undefined, reading: Reading): KeyRules['upperBounds'] {
  const bounds = createRecord<number | string>();
  for (const [name, value] of Object.entries(readParams(node, false, reading))) {
    if (typeof value === 'number' || typeof value === 'string') bounds[name] = value;
  }
  return bounds;
}

function readParams(node: SourceNode | undefined, withModels: boolean, reading: Reading): KeyRules['defaults'] {
  const params = createRecord<number | string | readonly string[]>();
  for (const { key, value } of node === undefined ? [] : readEntries(node, reading)) {
    const read = readParam(key, value, withModels, reading);
    if (read !== undefined) params[key] = read;
  }
  return params;
}

function readParam(name: string, node: SourceNode, withModels: boolean, reading: Reading): number | string | readonly string[] | undefined {
  const amount = Object.hasOwn(AMOUNTS, name) ? AMOUNTS[name] : undefined;
  if (amount !== undefined) return readNumber(node, { min: 0, ...amount }, reading);
  if (LENGTHS.includes(name)) return readLength(node, reading);
  if (withModels && name === 'models') return readTextList(node, reading);
  const known = [...Object.keys(AMOUNTS), ...LENGTHS, ...(withModels ? ['models'] : [])];
  reading.problem(node, `${name} can not be set for new keys`, { suggestion: `write ${known.join(', ')}` });
  return undefined;
}

function readLength(node: SourceNode, reading: Reading): string | undefined {
  const text = readText(node, reading);
  if (text === undefined || /^[1-9]\d{0,5}(s|m|h|d|w|mo)$/.test(text)) return text;
  reading.problem(node, 'must be a length of time', { suggestion: 'write 30s, 30m, 24h, 7d, 2w or 1mo' });
  return undefined;
}

const TOKEN_TYPES = ['total', 'input', 'output'] as const;

function readTokenType(node: SourceNode | undefined, reading: Reading): KeyRules['tokenLimitType'] {
  const text = readText(node, reading);
  const type = TOKEN_TYPES.find((one) => one === text);
  if (node !== undefined && text !== undefined && type === undefined) reading.problem(node, `must be one of ${TOKEN_TYPES.join(', ')}`);
  return type ?? 'total';
}
