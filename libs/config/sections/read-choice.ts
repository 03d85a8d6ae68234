import { closestKey } from '../keys/closest-key.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readText, readTextList } from '../values.ts';

export interface Choice<T extends string> {
  readonly choices: readonly T[];
  /** For the message: `there is no <what> called …`. */
  readonly what: string;
}

/** One of a few words; undefined for a missing value and, after noting the problem with the nearest word, for another. */
export function readChoice<T extends string>(node: SourceNode | undefined, choice: Choice<T>, reading: Reading): T | undefined {
  const text = readText(node, reading);
  return node === undefined || text === undefined ? undefined : find(text, node, choice, reading);
}

/** A list of them. */
export function readChoices<T extends string>(node: SourceNode | undefined, choice: Choice<T>, reading: Reading): readonly T[] | undefined {
  const texts = readTextList(node, reading);
  return node === undefined ? undefined : texts?.flatMap((text) => find(text, node, choice, reading) ?? []);
}

function find<T extends string>(text: string, node: SourceNode, { choices, what }: Choice<T>, reading: Reading): T | undefined {
  const found = choices.find((one) => one === text);
  if (found !== undefined) return found;
  const near = closestKey(text, choices);
  const suggestion = near === undefined ? `choose one of ${choices.join(', ')}` : `did you mean "${near}"?`;
  reading.problem(node, `there is no ${what} called "${text.slice(0, 40)}"`, { suggestion });
  return undefined;
}
