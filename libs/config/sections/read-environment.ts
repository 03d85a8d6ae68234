import { placeText, type Environment, type Reading } from '../reading.ts';
import { environmentName } from '../secret-ref.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readEntries } from './read-section.ts';

/** `environment_variables`: the names and values of those that the environment does not set already. */
export function readEnvironment(nodes: readonly SourceNode[], env: Environment, reading: Reading): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const { key, value } of nodes.flatMap((node) => readEntries(node, reading))) {
    if (value.kind === 'null') continue;
    if (value.kind === 'map' || value.kind === 'list' || !/^[A-Za-z_]\w*$/.test(key)) {
      reading.problem(value, 'must be the name of an environment variable with a text', { hideValue: true });
      continue;
    }
    if ((env[key] ?? '') !== '') continue;
    const source = environmentName(value.text);
    const text = source === undefined ? value.text : env[source];
    if (text !== undefined) variables[key] = text;
    else reading.warn(`unset ${source}`, `${placeText(value)}: ${value.path} names the environment variable ${source}, which is not set`);
  }
  return variables;
}
