import { createHash } from 'node:crypto';
import type { SourceNode } from '../source/source-node.ts';

/**
 * The id of a `model_list` entry that states none: a hash of the entry as written, so that every process and every start gives it
 * the same. Order of keys doesn't matter. Literal secrets go into the hash (two keys of one provider are two deployments) and
 * can't be had back from its 80 bits.
 */
export function deploymentId(entry: SourceNode): string {
  return createHash('sha256').update(canonicalJson(entry.plain())).digest('hex').slice(0, 20);
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
