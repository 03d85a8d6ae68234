import { PROMPT_CACHE_KEYS } from '../keys/sections.ts';
import type { Reading } from '../reading.ts';
import type { PromptCacheSettings } from '../settings/prompt-cache-settings.ts';
import type { SourceNode } from '../source/source-node.ts';
import { readBoolean, readNumber } from '../values.ts';
import { readSection } from './read-section.ts';

/** The longest least length of Anthropic's models (https://docs.claude.com/en/docs/build-with-claude/prompt-caching): a shorter mark has no effect there. */
export const DEFAULT_PROMPT_CACHE: PromptCacheSettings = { enabled: false, minTokens: 2_048 };

/** `headrace.prompt_cache`; undefined without the section. */
export function readPromptCache(node: SourceNode | undefined, reading: Reading): PromptCacheSettings | undefined {
  if (node === undefined) return undefined;
  const fields = readSection([node], PROMPT_CACHE_KEYS, reading);
  const minTokens = readNumber(fields.get('min_tokens'), { min: 0, integer: true, unit: 'tokens' }, reading);
  return {
    enabled: readBoolean(fields.get('enabled'), reading) ?? DEFAULT_PROMPT_CACHE.enabled,
    minTokens: minTokens ?? DEFAULT_PROMPT_CACHE.minTokens,
  };
}
