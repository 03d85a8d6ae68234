import { closestKey } from '../keys/closest-key.ts';
import { KNOWN_LITELLM_PARAMS, litellmParamKind, misspeltPrice } from '../keys/litellm-params.ts';
import type { Reading } from '../reading.ts';
import type { SourceEntry, SourceNode } from '../source/source-node.ts';
import { readPlain, wrongKind } from '../values.ts';
import { readEntries, warnIgnored, type Fields } from './read-section.ts';

export interface LitellmParams {
  /** What the gateway reads itself. */
  readonly fields: Fields;
  /** Addresses and credentials for the provider's entry in the table. */
  readonly settings: Fields;
  /** Parameters for the provider's request body; `extra_body` is merged in and wins, as in the OpenAI SDK. */
  readonly defaultParams: Readonly<Record<string, unknown>>;
}

export function readLitellmParams(node: SourceNode, reading: Reading): LitellmParams {
  const fields = new Map<string, SourceNode>();
  const settings = new Map<string, SourceNode>();
  const body: Record<string, unknown> = {};
  for (const entry of readEntries(node, reading)) {
    const kind = litellmParamKind(entry.key);
    if (kind === 'supported') fields.set(entry.key, entry.value);
    else if (kind === 'setting') settings.set(entry.key, entry.value);
    else if (kind === 'ignored') warnIgnored(entry, 'litellm_params', reading);
    else if (kind === undefined && isMisspelt(entry, reading)) continue;
    else if (entry.value.kind !== 'null') body[entry.key] = readPlain(entry.value, reading);
  }
  return { fields, settings, defaultParams: { ...body, ...readExtraBody(fields.get('extra_body'), reading) } };
}

const MAX_TYPO_EDITS = 2;
/** Short names are near to each other by chance (`top_k`, `top_p`), so only longer ones count as misspelt. */
const MIN_TYPO_LENGTH = 5;

/** A name nobody knows goes to the provider, unless it is almost one that is known: then it is a mistake that must not pass. */
function isMisspelt(entry: SourceEntry, reading: Reading): boolean {
  const near =
    misspeltPrice(entry.key) ??
    (entry.key.length < MIN_TYPO_LENGTH ? undefined : closestKey(entry.key, KNOWN_LITELLM_PARAMS, MAX_TYPO_EDITS));
  if (near === undefined) return false;
  const place = { file: entry.value.file, path: entry.value.path, offset: entry.keyOffset };
  reading.problem(place, `unknown key "${entry.key}"`, {
    suggestion: `did you mean "${near}"? (To send "${entry.key}" to the provider, put it under extra_body.)`,
    hideValue: true,
  });
  return true;
}

function readExtraBody(node: SourceNode | undefined, reading: Reading): Record<string, unknown> {
  if (node === undefined || node.kind === 'null') return {};
  if (node.kind === 'map') return readPlain(node, reading) as Record<string, unknown>;
  wrongKind(node, 'a mapping of body fields', reading);
  return {};
}
