import { RE2JS } from 're2js';
import type { Reading } from '../../reading.ts';
import type { SourceNode } from '../../source/source-node.ts';
import { readText } from '../../values.ts';

/** An expression of an operator: RE2's syntax. Undefined for none and, after noting what is wrong with it, for a broken one. */
export function readPattern(node: SourceNode | undefined, reading: Reading): string | undefined {
  const text = readText(node, reading);
  if (node === undefined || text === undefined) return undefined;
  try {
    RE2JS.compile(text);
    return text;
  } catch (error) {
    reading.problem(node, `is no regular expression: ${error instanceof Error ? error.message : String(error)}`, {
      suggestion: 'RE2’s syntax is taken: no look-around and no back references; write a backslash twice in double quotes',
    });
    return undefined;
  }
}
