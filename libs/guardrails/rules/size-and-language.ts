import type { LimitsRule } from '#config';
import { createRequire } from 'node:module';
import type * as Languages from 'tinyld/light';

const load = createRequire(import.meta.url);
/** 13 MB, loaded where a limit names languages. */
const languagesOf = (): typeof Languages => load('tinyld/light') as typeof Languages;

/** Shorter texts show no language. */
const MIN_CHARS = 40;
const SAMPLE_CHARS = 2_000;

/** The limit that the texts break, as a category; undefined for none. */
export function brokenLimit(
  texts: readonly string[],
  messages: number,
  { maxChars, maxMessages, languages }: LimitsRule,
): string | undefined {
  if (maxMessages !== undefined && messages > maxMessages) return 'max_messages';
  if (maxChars !== undefined && texts.reduce((sum, text) => sum + text.length, 0) > maxChars) return 'max_chars';
  if (languages === undefined) return undefined;
  const foreign = texts.some((text) => {
    const language = text.length < MIN_CHARS ? '' : languagesOf().detect(text.slice(0, SAMPLE_CHARS));
    return language !== '' && !languages.includes(language);
  });
  return foreign ? 'language' : undefined;
}
