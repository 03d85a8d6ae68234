import { closestKey } from '../../keys/closest-key.ts';
import type { Reading } from '../../reading.ts';
import { GUARDRAIL_ACTIONS, type GuardrailAction, PII_ENTITIES } from '../../settings/guardrail-settings.ts';
import type { SourceNode } from '../../source/source-node.ts';
import { readText } from '../../values.ts';
import { type Fields, readEntries } from '../read-section.ts';
import { readChoice } from './read-choice.ts';

export function readAction(node: SourceNode | undefined, reading: Reading): GuardrailAction | undefined {
  return readChoice(node, GUARDRAIL_ACTIONS, reading);
}

/** `entities`: a list of names, each under `action`, or a mapping of names to actions, as LiteLLM's `pii_entities_config`. All by default. */
export function readEntities(params: Fields, reading: Reading): Readonly<Record<string, GuardrailAction>> {
  const action = readAction(params.get('action'), reading) ?? 'mask';
  const node = params.get('entities') ?? params.get('pii_entities_config');
  if (node === undefined || node.kind === 'null') return Object.fromEntries(PII_ENTITIES.map((entity) => [entity, action]));
  if (node.kind === 'list')
    return Object.fromEntries(node.items().flatMap((item) => named(item, readText(item, reading), action, reading)));
  return Object.fromEntries(
    readEntries(node, reading).flatMap(({ key, value }) => named(value, key, readAction(value, reading) ?? action, reading)),
  );
}

function named(node: SourceNode, name: string | undefined, action: GuardrailAction, reading: Reading): [string, GuardrailAction][] {
  if (name === undefined) return [];
  if (PII_ENTITIES.some((entity) => entity === name)) return [[name, action]];
  const near = closestKey(name, PII_ENTITIES);
  reading.problem(node, `there is no entity called "${name.slice(0, 40)}" here`, {
    suggestion: near === undefined ? `choose of ${PII_ENTITIES.join(', ')}` : `did you mean "${near}"?`,
  });
  return [];
}
