import type { Reading } from '../reading.ts';
import type { SourceEntry, SourceNode } from '../source/source-node.ts';
import { readTextList, wrongKind } from '../values.ts';
import { readEntries } from './read-section.ts';

/** `[{"a": ["b", "c"]}, {"*": ["d"]}]`, also as one mapping. Of two lists for one name the first counts, as in LiteLLM. */
export function readFallbacks(node: SourceNode | undefined, reading: Reading): Readonly<Record<string, readonly string[]>> | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  const maps = node.kind === 'list' ? node.items() : [node];
  const fallbacks = createRecord<readonly string[]>();
  for (const map of maps) {
    if (map.kind !== 'map') {
      wrongKind(map, 'a mapping from a model name to a list of model names', reading, '- my-model: [other-model]');
      continue;
    }
    for (const entry of readEntries(map, reading)) {
      if (!Object.hasOwn(fallbacks, entry.key)) fallbacks[entry.key] = readTextList(entry.value, reading) ?? [];
    }
  }
  return fallbacks;
}

/** Looked up with names that clients send: without a prototype `constructor` is no key of it. */
export function createRecord<T>(): Record<string, T> {
  const record: unknown = Object.create(null);
  return record as Record<string, T>;
}

export interface ModelAliases {
  readonly modelGroupAlias: Readonly<Record<string, string>>;
  readonly hiddenAliases: readonly string[];
}

/** `{alias: real}` or `{alias: {model: real, hidden: true}}`: a hidden alias works but is not listed. */
export function readAliases(node: SourceNode | undefined, reading: Reading): ModelAliases {
  const modelGroupAlias = createRecord<string>();
  const hiddenAliases: string[] = [];
  for (const entry of node === undefined ? [] : readEntries(node, reading)) {
    const target = aliasTarget(entry);
    if (target.model === undefined || target.model === '') {
      wrongKind(entry.value, 'a model name, or a mapping with "model" and "hidden"', reading);
      continue;
    }
    modelGroupAlias[entry.key] = target.model;
    if (target.hidden) hiddenAliases.push(entry.key);
  }
  return { modelGroupAlias, hiddenAliases };
}

function aliasTarget(entry: SourceEntry): { model: string | undefined; hidden: boolean } {
  if (entry.value.kind === 'text') return { model: entry.value.text, hidden: false };
  const fields = new Map(entry.value.entries().map((field) => [field.key, field.value]));
  const model = fields.get('model');
  return { model: model?.kind === 'text' ? model.text : undefined, hidden: fields.get('hidden')?.text === 'true' };
}
