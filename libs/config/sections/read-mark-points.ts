import type { Reading } from '../reading.ts';
import type { PromptMarkPoint } from '../settings/prompt-cache-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readNumber, readPlain, readText, wrongKind } from '../values.ts';

const LOCATIONS = ['message', 'tool_config'] as const;
const FIELDS = 'location, role, index, control';
const MOST_INDEX = 1_000_000;

/** `cache_control_injection_points` of a model: LiteLLM's list of where marks for the provider's prompt cache go. */
export function readMarkPoints(node: SourceNode | undefined, reading: Reading): readonly PromptMarkPoint[] | undefined {
  if (node === undefined || node.kind === 'null') return undefined;
  if (node.kind === 'list') return node.items().flatMap((item) => readPoint(item, reading) ?? []);
  wrongKind(node, 'a list of places', reading, '- {location: message, role: system}');
  return undefined;
}

function readPoint(node: SourceNode, reading: Reading): PromptMarkPoint | undefined {
  if (node.kind !== 'map') {
    wrongKind(node, 'a place', reading, '{location: message, role: system}');
    return undefined;
  }
  const entries = new Map(node.entries().map((entry) => [entry.key, entry]));
  for (const { key, value } of entries.values())
    if (!FIELDS.split(', ').includes(key)) reading.problem(value, `unknown key "${key}"`, { suggestion: `known here: ${FIELDS}` });
  const location = readText(entries.get('location')?.value, reading);
  const known = LOCATIONS.find((one) => one === location);
  if (known === undefined) {
    reading.problem(entries.get('location')?.value ?? node, `location must be one of ${LOCATIONS.join(', ')}`);
    return undefined;
  }
  const control = entries.get('control')?.value;
  return {
    location: known,
    role: readText(entries.get('role')?.value, reading),
    index: readNumber(entries.get('index')?.value, { min: -MOST_INDEX, integer: true, unit: 'messages' }, reading),
    control: control === undefined ? undefined : asRecord(readPlain(control, reading)),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
