import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readText } from '../values.ts';

/** The name of an HTTP header (a token of RFC 9110, 5.6.2), in lower case. */
export function readHeaderName(node: SourceNode | undefined, reading: Reading): string | undefined {
  const name = readText(node, reading)?.toLowerCase();
  if (node === undefined || name === undefined || /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name)) return name;
  reading.problem(node, 'must be the name of an HTTP header', { suggestion: 'for example X-User-Email' });
  return undefined;
}
