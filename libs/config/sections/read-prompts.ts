import { PROMPTS_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import { DEFAULT_PROMPTS, type PromptSettings } from '../settings/prompt-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber, readTextList, wrongKind } from '../values.ts';
import { readRetention } from './read-ledger.ts';
import { type Fields, readSection } from './read-section.ts';

const DAY_MS = 86_400_000;
/** Two texts, their frame and what JSON's escapes add stay below NATS's usual limit for a message of 1 MB. */
const MOST_KB = 128;

export interface PromptSections {
  readonly general: Fields;
  readonly litellm: Fields;
}

/** Undefined where nothing is kept: unless `general_settings.store_prompts_in_spend_logs` is set and `litellm_settings.turn_off_message_logging` is not. */
export function readPrompts(
  node: SourceNode | undefined,
  { general, litellm }: PromptSections,
  reading: Reading,
): PromptSettings | undefined {
  const fields = node === undefined ? undefined : readSection([node], PROMPTS_KEYS, reading);
  const kilobytes = readKilobytes(fields?.get('max_kb'), reading);
  const settings: PromptSettings = {
    retentionMs: readRetention(fields?.get('retention'), { leastMs: DAY_MS, least: '1 day' }, reading) ?? DEFAULT_PROMPTS.retentionMs,
    maxBytes: kilobytes === undefined ? DEFAULT_PROMPTS.maxBytes : Math.round(kilobytes * 1024),
    redactFields: readTextList(fields?.get('redact_fields'), reading) ?? DEFAULT_PROMPTS.redactFields,
  };
  const isStored = readBoolean(general.get('store_prompts_in_spend_logs'), reading) === true;
  const isTurnedOff = readBoolean(litellm.get('turn_off_message_logging'), reading) === true;
  return isStored && !isTurnedOff ? settings : undefined;
}

function readKilobytes(node: SourceNode | undefined, reading: Reading): number | undefined {
  const kilobytes = readNumber(node, { min: 1, unit: 'kilobytes' }, reading);
  if (node === undefined || kilobytes === undefined || kilobytes <= MOST_KB) return kilobytes;
  wrongKind(node, `a number of kilobytes, ${MOST_KB} or less`, reading);
  return undefined;
}
