import type { ModelGroupSettings } from '../settings/model-group-settings.ts';
import { MODEL_GROUP_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean } from '../values.ts';
import { createRecord } from './read-fallbacks.ts';
import { readEntries, readSection } from './read-section.ts';
import { readStreamFailurePolicy } from './read-streams.ts';

/** Reads `headrace.model_groups`: settings of single model groups, by the name that clients ask for. */
export function readModelGroups(node: SourceNode | undefined, reading: Reading): Readonly<Record<string, ModelGroupSettings>> {
  const groups = createRecord<ModelGroupSettings>();
  if (node === undefined) return groups;
  for (const entry of readEntries(node, reading)) {
    const fields = readSection([entry.value], MODEL_GROUP_KEYS, reading);
    groups[entry.key] = {
      singleFlight: readBoolean(fields.get('single_flight'), reading) ?? false,
      hedge: readBoolean(fields.get('hedge'), reading),
      promptCache: readBoolean(fields.get('prompt_cache'), reading),
      streamOnFailure: readStreamFailurePolicy(fields.get('stream_on_failure'), reading),
    };
  }
  return groups;
}
