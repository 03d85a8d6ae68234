import { closestKey } from '../../keys/closest-key.ts';
import type { Reading } from '../../reading.ts';
import type { SourceNode } from '../../source/source-node.ts';
import { readText } from '../../values.ts';

/** One of a few words, in any case. Undefined for none, and, after noting the problem with the word that was meant, for another. */
export function readChoice<T extends string>(node: SourceNode | undefined, choices: readonly T[], reading: Reading): T | undefined {
  const text = readText(node, reading);
  if (node === undefined || text === undefined) return undefined;
  const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const near = closestKey(text, choices);
  reading.problem(
    node,
    `"${text.slice(0, 40)}" is none of ${choices.join(', ')}`,
    near === undefined ? {} : { suggestion: `did you mean "${near}"?` },
  );
  return undefined;
}
